package callbacks

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// CSVLogger writes the logs of every epoch as a row of a CSV file (Keras: CSVLogger): the columns are epoch, counted
// from 0, and the names of the first epoch's logs, sorted; when none of those is a validation value, a val_ column
// for each follows. What an epoch lacks is "NA", numbers are as Python prints them, arrays are lists in quotes, lines end in CR LF.
type CSVLogger struct {
	Base
	path      string
	separator rune
	add       bool

	file   *os.File
	writer *csv.Writer
	keys   []string
	header bool // the columns' names are still to be written
}

var _ Callback = (*CSVLogger)(nil)

// NewCSVLogger returns a callback that writes to the file at path, replacing what it held.
func NewCSVLogger(path string) *CSVLogger { return &CSVLogger{path: path, separator: ','} }

// Separator sets what stands between columns. The default is ','.
func (c *CSVLogger) Separator(separator rune) *CSVLogger {
	c.separator = separator
	return c
}

// Append adds to the file, if it exists, instead of replacing it; the columns' names are not written again. The default
// is false.
func (c *CSVLogger) Append(add bool) *CSVLogger {
	c.add = add
	return c
}

// ObservesBatches implements [BatchObserver].
func (c *CSVLogger) ObservesBatches() bool { return false }

// OnTrainBegin implements [Callback].
func (c *CSVLogger) OnTrainBegin() error {
	if err := c.close(); err != nil {
		return err
	}
	if strings.ContainsRune("\"\r\n", c.separator) || c.separator == 0 || c.separator == utf8.RuneError || !utf8.ValidRune(c.separator) {
		return fmt.Errorf("separator %q can't separate columns; want a character such as ',', ';' or a tab", c.separator)
	}
	flags := os.O_WRONLY | os.O_CREATE
	if c.add {
		flags |= os.O_APPEND
	} else {
		flags |= os.O_TRUNC
	}
	file, err := os.OpenFile(c.path, flags, 0o666)
	if err != nil {
		return fmt.Errorf("opening the log: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("opening the log: %w", err), file.Close())
	}
	c.file, c.keys = file, nil
	c.header = info.Size() == 0
	c.writer = csv.NewWriter(file)
	c.writer.Comma = c.separator
	c.writer.UseCRLF = true
	return nil
}

// OnEpochEnd implements [Callback].
func (c *CSVLogger) OnEpochEnd(epoch int, logs *Logs) error {
	if c.writer == nil {
		return errors.New("the log is not open: an epoch ended before the training began")
	}
	if c.keys == nil {
		c.keys = csvColumns(logs)
		if c.header {
			if err := c.row(append([]string{"epoch"}, c.keys...)); err != nil {
				return err
			}
			c.header = false
		}
	}
	row := []string{strconv.Itoa(epoch)}
	for _, key := range c.keys {
		text := "NA"
		if array, ok := logs.Array(key); ok {
			text = `"` + reprArray(array) + `"`
		} else if value, ok := logs.Get(key); ok {
			text = reprFloat(value)
		}
		row = append(row, text)
	}
	if err := logs.Err(); err != nil {
		return err
	}
	return c.row(row)
}

// csvColumns returns the columns after epoch.
func csvColumns(logs *Logs) []string {
	keys := logs.Names()
	slices.Sort(keys)
	isVal := func(key string) bool { return strings.HasPrefix(key, "val_") }
	if !slices.ContainsFunc(keys, isVal) {
		for _, key := range slices.Clone(keys) {
			keys = append(keys, "val_"+key)
		}
	}
	if keys == nil {
		keys = []string{}
	}
	return keys
}

func (c *CSVLogger) row(fields []string) error {
	err := c.writer.Write(fields)
	if err == nil {
		c.writer.Flush()
		err = c.writer.Error()
	}
	if err != nil {
		return fmt.Errorf("writing %q: %w", c.path, err)
	}
	return nil
}

// OnTrainEnd implements [Callback].
func (c *CSVLogger) OnTrainEnd(*Logs) error { return c.close() }

func (c *CSVLogger) close() error {
	if c.file == nil {
		return nil
	}
	file := c.file
	c.file, c.writer = nil, nil
	if err := file.Close(); err != nil {
		return fmt.Errorf("closing %q: %w", c.path, err)
	}
	return nil
}
