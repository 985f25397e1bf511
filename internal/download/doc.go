// Package download fetches one file into a folder, as a rule one of a known SHA-256.
//
// The file appears under its name only when every byte has arrived and the checksum agrees; until then, and after any
// failure, whatever lay there before is untouched. A server that stops answering ends the call, a slow one does not.
package download
