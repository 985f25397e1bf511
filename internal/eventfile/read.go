package eventfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"

	"google.golang.org/protobuf/encoding/protowire"
)

// Event is a value as a file has it.
type Event struct {
	Tag             string
	Step            int64
	Plugin, Content string
	DType           int
	Shape           []int
	Numbers         []float64
	Texts           [][]byte
}

// Read returns the values of a file, whose checksums it compares.
func Read(path string) ([]Event, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []Event
	for len(data) > 0 {
		if len(data) < 12 {
			return list, errors.New("the file ends within a record")
		}
		n := binary.LittleEndian.Uint64(data)
		if binary.LittleEndian.Uint32(data[8:]) != checksum(data[:8]) {
			return list, errors.New("a length's checksum is wrong")
		}
		data = data[12:]
		if n > uint64(len(data)) || uint64(len(data))-n < 4 {
			return list, errors.New("the file ends within a record")
		}
		record, sum := data[:n], binary.LittleEndian.Uint32(data[n:])
		if sum != checksum(record) {
			return list, errors.New("a record's checksum is wrong")
		}
		data = data[n+4:]
		event, err := fields(record)
		if err != nil {
			return list, err
		}
		for _, summary := range event[eventSummary] {
			e, err := readEvent(event, summary.data)
			if err != nil {
				return list, err
			}
			list = append(list, e)
		}
	}
	return list, nil
}

// field is a field of a message: bytes or a number.
type field struct {
	data   []byte
	number uint64
}

func fields(message []byte) (map[protowire.Number][]field, error) {
	all := map[protowire.Number][]field{}
	for len(message) > 0 {
		num, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		message = message[n:]
		var f field
		switch kind {
		case protowire.BytesType:
			f.data, n = protowire.ConsumeBytes(message)
		case protowire.VarintType:
			f.number, n = protowire.ConsumeVarint(message)
		case protowire.Fixed64Type:
			f.number, n = protowire.ConsumeFixed64(message)
		default:
			n = protowire.ConsumeFieldValue(num, kind, message)
		}
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		message = message[n:]
		all[num] = append(all[num], f)
	}
	return all, nil
}

// inside goes down into messages within messages.
func inside(message []byte, path ...protowire.Number) (map[protowire.Number][]field, error) {
	all, err := fields(message)
	for _, number := range path {
		if err != nil {
			return nil, err
		}
		if len(all[number]) == 0 {
			return nil, fmt.Errorf("there is no field %d", number)
		}
		all, err = fields(all[number][0].data)
	}
	return all, err
}

func readEvent(event map[protowire.Number][]field, summary []byte) (e Event, err error) {
	if steps := event[eventStep]; len(steps) > 0 {
		e.Step = int64(steps[0].number)
	}
	value, err := inside(summary, summaryValue)
	if err != nil {
		return e, err
	}
	plugin, err := inside(summary, summaryValue, valueMetadata, metadataPlugin)
	if err != nil {
		return e, err
	}
	tensor, err := inside(summary, summaryValue, valueTensor)
	if err != nil {
		return e, err
	}
	text := func(all map[protowire.Number][]field, number protowire.Number) string {
		if len(all[number]) == 0 {
			return ""
		}
		return string(all[number][0].data)
	}
	e.Tag, e.Plugin, e.Content = text(value, valueTag), text(plugin, pluginName), text(plugin, pluginContent)
	if types := tensor[tensorType]; len(types) > 0 {
		e.DType = int(types[0].number)
	}
	for _, shape := range tensor[tensorShape] {
		dims, err := fields(shape.data)
		if err != nil {
			return e, err
		}
		for _, dim := range dims[shapeDim] {
			size, err := fields(dim.data)
			if err != nil {
				return e, err
			}
			d := 0
			if len(size[dimSize]) > 0 {
				d = int(size[dimSize][0].number)
			}
			e.Shape = append(e.Shape, d)
		}
	}
	for _, part := range tensor[tensorString] {
		e.Texts = append(e.Texts, part.data)
	}
	content := text(tensor, tensorContent)
	switch e.DType {
	case float32Type:
		for ; len(content) >= 4; content = content[4:] {
			e.Numbers = append(e.Numbers, float64(math.Float32frombits(binary.LittleEndian.Uint32([]byte(content[:4])))))
		}
	case float64Type:
		for ; len(content) >= 8; content = content[8:] {
			e.Numbers = append(e.Numbers, math.Float64frombits(binary.LittleEndian.Uint64([]byte(content[:8]))))
		}
	}
	return e, nil
}
