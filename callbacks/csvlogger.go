package callbacks

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// CSVLogger writes the logs of every epoch as a row of a CSV file (Keras: CSVLogger): the columns are epoch, counted
// from 0, and the names of the first epoch's logs, sorted; when none of those is a validation value, a val_ column
// for each follows. What an epoch lacks is "NA", numbers are as Python prints them, arrays are lists in quotes, lines end in CR LF.
type CSVLoggerCallback struct {
	Base
	path      string
	separator rune
	add       bool

	file   *os.File
	writer *csv.Writer
	keys   []string
	header bool // the columns' names are still to be written
	plain  bool // the file is no pipe, terminal or the like
	stale  bool // the file still holds what is to be replaced
}

var _ Callback = (*CSVLoggerCallback)(nil)

// CSVLogger returns a callback that writes to the file at path, replacing what it held.
func CSVLogger(path string) *CSVLoggerCallback { return &CSVLoggerCallback{path: path, separator: ','} }

// Separator sets what stands between columns. The default is ','.
func (c *CSVLoggerCallback) Separator(separator rune) *CSVLoggerCallback {
	c.separator = separator
	return c
}

// Append adds to the file, if it exists, instead of replacing it; the columns' names are not written again. The default
// is false.
func (c *CSVLoggerCallback) Append(add bool) *CSVLoggerCallback {
	c.add = add
	return c
}

// ObservesBatches implements [BatchObserver].
func (c *CSVLoggerCallback) ObservesBatches() bool { return false }

// OnTrainBegin implements [Callback].
func (c *CSVLoggerCallback) OnTrainBegin() error {
	if err := c.close(); err != nil {
		return err
	}
	if strings.ContainsRune("\"\r\n", c.separator) || c.separator == 0 || c.separator == utf8.RuneError || !utf8.ValidRune(c.separator) {
		return fmt.Errorf("separator %q can't separate columns; want a character such as ',', ';' or a tab", c.separator)
	}
	// A Fit that is taken up again goes on in the file, so that what it holds is replaced when the first row is written.
	file, err := os.OpenFile(c.path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return fmt.Errorf("opening the log: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("opening the log: %w", err), file.Close())
	}
	c.file, c.keys, c.plain = file, nil, info.Mode().IsRegular()
	c.stale = !c.add && c.plain
	c.header = !c.add || info.Size() == 0
	if c.add && c.plain {
		if _, err := file.Seek(0, io.SeekEnd); err != nil {
			return errors.Join(fmt.Errorf("opening the log: %w", err), c.close())
		}
	}
	c.writer = csv.NewWriter(file)
	c.writer.Comma = c.separator
	c.writer.UseCRLF = true
	return nil
}

// OnEpochEnd implements [Callback].
func (c *CSVLoggerCallback) OnEpochEnd(epoch int, logs *Logs) error {
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

// csvState is where a log is, and its columns.
type csvState struct {
	Size   int64
	Keys   []string
	Header bool
}

// MarshalState implements [Resumable].
func (c *CSVLoggerCallback) MarshalState() ([]byte, error) {
	s := csvState{Keys: c.keys, Header: c.header}
	if c.file != nil && c.plain && !c.stale {
		var err error
		if s.Size, err = c.file.Seek(0, io.SeekCurrent); err != nil {
			return nil, err
		}
		if err := c.file.Sync(); err != nil { // the backup counts on the rows being there
			return nil, err
		}
	}
	return marshalState(s)
}

// UnmarshalState implements [Resumable]: rows that came after the backup are cut off, as they come again.
func (c *CSVLoggerCallback) UnmarshalState(data []byte) error {
	var s csvState
	if err := unmarshalState(data, &s); err != nil {
		return err
	}
	if c.file == nil {
		return errors.New("the log is not open")
	}
	c.keys, c.header = s.Keys, s.Header
	if !c.plain {
		return nil
	}
	info, err := c.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < s.Size {
		return fmt.Errorf("%q has %d bytes, and had %d when the backup was made", c.path, info.Size(), s.Size)
	}
	if err := c.file.Truncate(s.Size); err != nil {
		return err
	}
	if _, err := c.file.Seek(s.Size, io.SeekStart); err != nil {
		return err
	}
	c.stale = false
	return nil
}

func (c *CSVLoggerCallback) row(fields []string) error {
	if err := c.replace(); err != nil {
		return err
	}
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
func (c *CSVLoggerCallback) OnTrainEnd(*Logs) error { return c.close() }

// replace empties a file that holds an older log.
func (c *CSVLoggerCallback) replace() error {
	if !c.stale {
		return nil
	}
	c.stale = false
	if err := c.file.Truncate(0); err != nil {
		return fmt.Errorf("replacing %q: %w", c.path, err)
	}
	return nil
}

func (c *CSVLoggerCallback) close() error {
	if c.file == nil {
		return nil
	}
	err := c.replace()
	file := c.file
	c.file, c.writer = nil, nil
	if errClose := file.Close(); errClose != nil {
		err = errors.Join(err, fmt.Errorf("closing %q: %w", c.path, errClose))
	}
	return err
}
