// Package npz reads and writes NumPy's .npz archives: zip files of arrays, as numpy.savez, numpy.savez_compressed and
// numpy.load have them.
//
// Opening an archive reads its list of entries alone; asking for an [Array] reads its header; only Read and Tensor fetch
// the elements. They come in C order and little-endian, whatever order and endianness the file has.
//
// Files come from strangers. What an entry declares is held against what the archive can hold before memory is taken for
// it, entries that share bytes are refused, nothing is written to disk, and elements that are Python objects, which NumPy
// keeps as pickles, are refused unread.
package npz
