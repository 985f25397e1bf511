// Package hdf5 reads and writes the part of the HDF5 file format that Keras files use, in pure Go.
//
// Reading covers what h5py writes, by default and with libver="latest": superblocks 0 to 3, version 1 and 2 object
// headers, groups as symbol tables, link messages and dense link storage, contiguous, compact and chunked datasets
// (gzip, shuffle and Fletcher-32 filters), numbers, booleans, opaque values, fixed and variable strings, and attributes
// wherever they are stored. [Open] takes any [io.ReaderAt]; the structure is walked on demand, and a dataset's values are
// read only when asked for, straight into the caller's memory.
//
// Files come from strangers. Every size is checked against the file before memory is taken for it, loops in the file are
// found, and external links and files, soft links and virtual datasets are refused, as Keras refuses them. A broken file gives an error wrapping
// [ErrCorrupt], an intact one that needs more than this package knows [ErrUnsupported].
//
// Writing lays the whole file out first and then streams it ([Builder.WriteTo]), so that neither a seekable
// destination nor memory for the values is needed. The files have the flavour of h5py's defaults: superblock 0, symbol
// tables, contiguous datasets.
package hdf5
