// Package kerasfile reads and writes the files that Keras 3 keeps models in: the .keras archive, and the .weights.h5 file.
//
// An archive is a zip file of metadata.json, config.json, model.weights.h5 and assets. The weights are a tree: a [Group]
// for every object that owns variables ("layers/dense/vars", "optimizer/vars"), and in it an [Array] for each variable,
// named "0", "1" and so on. How a model maps to that tree is its owner's business; this package moves the tree
// between memory and the disk, byte for byte as Keras does.
//
// Values move late: opening a file reads its structure alone, and writing streams arrays one after another, so that
// either way takes hardly more memory than the weights themselves.
//
// Files come from strangers: the number of entries, their names, the sizes they declare, the depth of the JSON and the
// structure of the weights are checked before memory is taken for them, and nothing in them is ever executed.
package kerasfile
