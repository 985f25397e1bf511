package kerasfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	maxIndex  = 64 << 20
	maxShards = 1 << 12
)

// shardIndex is the content of a .weights.json file.
type shardIndex struct {
	// WeightMap names the files that hold the variables of each group: one name, or a list of them.
	WeightMap map[string]shardNames `json:"weight_map"`
}

type shardNames []string

// UnmarshalJSON takes one name for a list of it.
func (s *shardNames) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*s = shardNames{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(s))
}

// OpenSharded opens weights that Keras split over several files, by the path of their index (.weights.json). The files
// lie beside it. The weights are one tree, as from OpenWeights.
func OpenSharded(path string) (*Reader, error) {
	format, err := Detect(path)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	if format != ShardedFormat {
		return nil, &FormatError{Path: path, Want: ShardedFormat, Got: format}
	}
	r := &Reader{name: path, format: ShardedFormat, weights: NewGroup()}
	if err := r.openShards(path); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), r.Close())
	}
	return r, nil
}

func (r *Reader) openShards(path string) error {
	index, err := readIndex(path)
	if err != nil {
		return err
	}
	shards := map[string]*Reader{}
	for _, group := range slices.Sorted(maps.Keys(index.WeightMap)) {
		names := index.WeightMap[group]
		inner := strings.TrimPrefix(group, "/")
		if len(names) == 0 {
			return fmt.Errorf("%s is in no file", group)
		}
		for _, name := range names {
			shard := shards[name]
			if shard == nil {
				if len(shards) == maxShards {
					return fmt.Errorf("it names more than %d files", maxShards)
				}
				if shard, err = openShard(path, name); err != nil {
					return err
				}
				shards[name] = shard
				r.closers = append(r.closers, shard.Close)
			}
			from := shard.weights.Group(inner)
			if from == nil {
				return fmt.Errorf("%s should be in %s, which has no such group", group, name)
			}
			if err := r.merge(inner, from, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// merge adds a group's variables and attributes to the tree.
func (r *Reader) merge(path string, from *Group, shard string) error {
	to, err := r.weights.MkGroup(path)
	if err != nil {
		return err
	}
	for name, a := range from.arrays {
		if _, twice := to.arrays[name]; twice {
			return fmt.Errorf("%s/%s is in %s and in a file before it", path, name, shard)
		}
		if err := to.Set(name, a); err != nil {
			return err
		}
	}
	for _, name := range from.attrNames {
		to.keepAttr(name, from.attrs[name])
	}
	return nil
}

func readIndex(path string) (*shardIndex, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxIndex+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if len(text) > maxIndex {
		return nil, fmt.Errorf("it has more than the %d bytes allowed", maxIndex)
	}
	if err := checkJSON(text); err != nil {
		return nil, err
	}
	index := &shardIndex{}
	if err := json.Unmarshal(text, index); err != nil {
		return nil, fmt.Errorf("its weight_map is wrong: %w", err)
	}
	return index, nil
}

// openShard opens one of the files beside the index.
func openShard(index, name string) (*Reader, error) {
	// The name comes from the file: it must not lead to another folder.
	if err := checkEntryName(name); err != nil || strings.Contains(name, "/") {
		return nil, fmt.Errorf("%.100q cannot be the name of a file beside it", name)
	}
	shard, err := openFile(filepath.Join(filepath.Dir(index), name), WeightsFormat, NewWeightsReader)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s, which it names, is missing beside it: copy all pieces into one folder: %w", name, err)
	}
	return shard, err
}
