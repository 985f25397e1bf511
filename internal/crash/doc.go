// Package crash proves, by ending real processes, what the library promises about being interrupted: a checkpoint is there
// whole or not at all after kill -9, and an interrupt ends training cleanly.
package crash
