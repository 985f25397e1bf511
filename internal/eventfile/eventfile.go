// Package eventfile writes the event files that TensorBoard reads: TFRecords of Event messages.
package eventfile

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Writer adds to one event file.
type Writer struct {
	path string
	file *os.File
	out  *bufio.Writer
}

var files atomic.Int64 // of the process, so that their names differ

// Create makes a new file in the folder, which is made if there is none.
func Create(dir string) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	now := time.Now()
	name := fmt.Sprintf("events.out.tfevents.%010d.%s.%d.%d.v2", now.Unix(), host, os.Getpid(), files.Add(1)-1)
	path := filepath.Join(dir, name)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	w := &Writer{path, file, bufio.NewWriter(file)}
	version := wallTime(now)
	version = protowire.AppendTag(version, eventVersion, protowire.BytesType)
	version = protowire.AppendString(version, "brain.Event:2")
	return w, w.record(version)
}

// Continue goes on with a file from the first size bytes on.
func Continue(path string, size int64) (*Writer, error) {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	fail := func(err error) (*Writer, error) {
		_ = file.Close()
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return fail(err)
	}
	if size < 0 || size > info.Size() {
		return fail(fmt.Errorf("%s has %d bytes, and had %d", path, info.Size(), size))
	}
	if err := file.Truncate(size); err != nil {
		return fail(err)
	}
	if _, err := file.Seek(size, io.SeekStart); err != nil {
		return fail(err)
	}
	return &Writer{path, file, bufio.NewWriter(file)}, nil
}

// Path is where the file is.
func (w *Writer) Path() string { return w.path }

// Flush hands everything to the system.
func (w *Writer) Flush() error { return w.out.Flush() }

// Sync brings everything to the disk, and returns the file's size.
func (w *Writer) Sync() (int64, error) {
	if err := w.out.Flush(); err != nil {
		return 0, err
	}
	if err := w.file.Sync(); err != nil {
		return 0, err
	}
	return w.file.Seek(0, io.SeekCurrent)
}

// Close ends the file.
func (w *Writer) Close() error {
	err := w.out.Flush()
	if errClose := w.file.Close(); err == nil {
		err = errClose
	}
	return err
}

// Remove closes the file and removes it.
func (w *Writer) Remove() error {
	_ = w.file.Close()
	return os.Remove(w.path)
}

// The fields of the messages, by their numbers.
const (
	eventWallTime, eventStep, eventVersion, eventSummary = 1, 2, 3, 5
	summaryValue                                         = 1
	valueTag, valueTensor, valueMetadata                 = 1, 8, 9
	metadataPlugin                                       = 1
	pluginName, pluginContent                            = 1, 2
	tensorType, tensorShape, tensorContent, tensorString = 1, 2, 4, 8
	shapeDim, dimSize                                    = 2, 1
)

// TensorFlow's numbers of types.
const (
	float32Type, float64Type, stringType = 1, 2, 7
)

// Value is a named value of a step.
type Value struct {
	plugin, content string
	tensor          []byte
}

// Scalar is a number.
func Scalar(v float64) Value {
	t := tensor(float32Type)
	t = protowire.AppendTag(t, tensorContent, protowire.BytesType)
	return Value{plugin: "scalars", tensor: protowire.AppendBytes(t, binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(v))))}
}

// Histogram is how many of the numbers lie where, in 30 buckets.
func Histogram(numbers []float64) Value {
	var content []byte
	for _, bucket := range buckets(numbers) {
		for _, v := range bucket {
			content = binary.LittleEndian.AppendUint64(content, math.Float64bits(v))
		}
	}
	t := tensor(float64Type, bucketCount, 3)
	t = protowire.AppendTag(t, tensorContent, protowire.BytesType)
	return Value{plugin: "histograms", tensor: protowire.AppendBytes(t, content)}
}

const bucketCount = 30

// buckets are the left and right edges, and the counts. Numbers that are all equal are in the last one; NaN is in none.
func buckets(numbers []float64) [bucketCount][3]float64 {
	var list [bucketCount][3]float64
	if len(numbers) == 0 {
		return list
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range numbers {
		low, high = min(low, v), max(high, v) // NaN, if there is one
	}
	if low == high {
		for i := range list {
			list[i] = [3]float64{low, high, 0}
		}
		list[bucketCount-1][2] = float64(len(numbers))
		return list
	}
	width := (high - low) / bucketCount
	for i := range list {
		list[i][0], list[i][1] = low+float64(i)*width, low+float64(i+1)*width
	}
	list[bucketCount-1][1] = high
	for _, v := range numbers {
		if at := math.Floor((v - low) / width); at >= 0 {
			list[int(min(at, bucketCount-1))][2]++
		}
	}
	return list
}

// Images are pictures as PNG files, all of one size.
func Images(width, height int, files [][]byte) Value {
	parts := append([][]byte{fmt.Append(nil, width), fmt.Append(nil, height)}, files...)
	t := tensor(stringType, len(parts))
	for _, part := range parts {
		t = protowire.AppendTag(t, tensorString, protowire.BytesType)
		t = protowire.AppendBytes(t, part)
	}
	return Value{plugin: "images", tensor: t}
}

// Graph is a Keras model's configuration.
func Graph(json []byte) Value {
	t := tensor(stringType)
	t = protowire.AppendTag(t, tensorString, protowire.BytesType)
	return Value{plugin: "graph_keras_model", content: "1", tensor: protowire.AppendBytes(t, json)}
}

// tensor begins a TensorProto.
func tensor(dtype uint64, dims ...int) []byte {
	var shape []byte
	for _, d := range dims {
		dim := protowire.AppendTag(nil, dimSize, protowire.VarintType)
		dim = protowire.AppendVarint(dim, uint64(d))
		shape = protowire.AppendTag(shape, shapeDim, protowire.BytesType)
		shape = protowire.AppendBytes(shape, dim)
	}
	t := protowire.AppendTag(nil, tensorType, protowire.VarintType)
	t = protowire.AppendVarint(t, dtype)
	t = protowire.AppendTag(t, tensorShape, protowire.BytesType)
	return protowire.AppendBytes(t, shape)
}

// Add writes a value of a step under the tag.
func (w *Writer) Add(tag string, step int64, v Value) error {
	plugin := protowire.AppendTag(nil, pluginName, protowire.BytesType)
	plugin = protowire.AppendString(plugin, v.plugin)
	if v.content != "" {
		plugin = protowire.AppendTag(plugin, pluginContent, protowire.BytesType)
		plugin = protowire.AppendString(plugin, v.content)
	}
	metadata := protowire.AppendTag(nil, metadataPlugin, protowire.BytesType)
	metadata = protowire.AppendBytes(metadata, plugin)
	value := protowire.AppendTag(nil, valueTag, protowire.BytesType)
	value = protowire.AppendString(value, tag)
	value = protowire.AppendTag(value, valueTensor, protowire.BytesType)
	value = protowire.AppendBytes(value, v.tensor)
	value = protowire.AppendTag(value, valueMetadata, protowire.BytesType)
	value = protowire.AppendBytes(value, metadata)
	summary := protowire.AppendTag(nil, summaryValue, protowire.BytesType)
	summary = protowire.AppendBytes(summary, value)
	event := wallTime(time.Now())
	event = protowire.AppendTag(event, eventStep, protowire.VarintType)
	event = protowire.AppendVarint(event, uint64(step))
	event = protowire.AppendTag(event, eventSummary, protowire.BytesType)
	return w.record(protowire.AppendBytes(event, summary))
}

// wallTime begins an Event.
func wallTime(t time.Time) []byte {
	event := protowire.AppendTag(nil, eventWallTime, protowire.Fixed64Type)
	return protowire.AppendFixed64(event, math.Float64bits(float64(t.UnixNano())/1e9))
}

// record writes a TFRecord: the length and the data, each with its checksum.
func (w *Writer) record(data []byte) error {
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(len(data)))
	head := binary.LittleEndian.AppendUint32(length[:], checksum(length[:]))
	for _, part := range [][]byte{head, data, binary.LittleEndian.AppendUint32(nil, checksum(data))} {
		if _, err := w.out.Write(part); err != nil {
			return err
		}
	}
	return nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the masked checksum of TFRecords.
func checksum(data []byte) uint32 {
	sum := crc32.Checksum(data, castagnoli)
	return (sum>>15 | sum<<17) + 0xa282ead8
}
