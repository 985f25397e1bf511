// Package prove compares a ported program, while it runs, with what its notebook gave in Python: gokeras port --prove --python writes programs
// that call it.
//
// The folder of the environment variable GOKERAS_PROVE has what Python gave: python.json and .npz files. Rows of a table, as JSON a line each,
// are added to rows.jsonl there.
package prove
