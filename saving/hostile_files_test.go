package saving_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/hdf5"
	"github.com/gokeras/gokeras/saving"
)

const (
	configEntry   = "config.json"
	metadataEntry = "metadata.json"
	weightsEntry  = "model.weights.h5"
)

type zipEntry struct{ name, data string }

func zipFile(t testing.TB, method uint16, entries ...zipEntry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		to, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: method})
		require.NoError(t, err)
		_, err = io.WriteString(to, e.data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

// hostileWeights is one of the files that generate_hostile.py makes.
func hostileWeights(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(golden.Unpacked(t, filepath.Join("testdata", "hostile", name+".weights.h5.gz")))
	require.NoError(t, err)
	return string(data)
}

// denseModel is the configuration of the model that the hostile weights are for.
func denseModel(inputs, units, layers int) string {
	dense := make([]string, layers)
	for i := range dense {
		dense[i] = layerJSON("Dense", fmt.Sprintf(`"units": %d`, units))
	}
	return sequentialJSON(fmt.Sprintf("[null, %d]", inputs), dense...)
}

func predictOn(m *functional.Model, inputs int) error {
	_, err := m.PredictOnBatch(tensors.FromFlatDataAndDimensions(make([]float32, inputs), 1, inputs))
	return err
}

// TestHostileWeights loads HDF5 files that h5py made, each wrong in its own way, as a model's and as weights alone.
func TestHostileWeights(t *testing.T) {
	deep := hdf5.NewBuilder()
	_, err := deep.Root().Group(strings.Repeat("a/", 170) + "a")
	require.NoError(t, err)
	var deepFile bytes.Buffer
	_, err = deep.WriteTo(&deepFile)
	require.NoError(t, err)
	small := denseModel(4, 3, 1)
	for name, c := range map[string]struct{ config, weights, says string }{
		"good":                {small, "good", ""},
		"integers":            {small, "integers", ""},
		"doubles":             {small, "doubles", ""},
		"a text too many":     {small, "null_name", ""},
		"external link":       {small, "external_link", "external link"},
		"soft link":           {small, "soft_link", "soft link"},
		"soft cycle":          {small, "soft_cycle", "soft link"},
		"virtual":             {small, "virtual", "virtual"},
		"external storage":    {small, "external_storage", "other files"},
		"text":                {small, "text", "S4"},
		"variable text":       {small, "variable_text", "cannot be stored"},
		"compound":            {small, "compound", "compound"},
		"complex":             {small, "complex", "compound"},
		"ragged":              {small, "ragged", "variable"},
		"references":          {small, "references", "reference"},
		"opaque":              {small, "opaque", "V4"},
		"empty":               {small, "empty", "empty"},
		"scalar":              {small, "scalar", "shape (4, 3)"},
		"rank":                {small, "rank", "shape (4, 3, 1)"},
		"transposed":          {small, "transposed", "shape (3, 4)"},
		"group for an array":  {small, "group_for_array", "no layers/dense/vars/0"},
		"no bias":             {small, "no_bias", "no layers/dense/vars/1"},
		"one more":            {small, "one_more", "more"},
		"huge":                {small, "huge", "exhaust memory"},
		"overflow":            {small, "overflow", "exhaust memory"},
		"bomb":                {denseModel(1<<13, 1<<13, 1), "bomb", "exhaust memory"},
		"large chunk":         {small, "large_chunk", "exhaust memory"},
		"unwritten":           {denseModel(4096, 4096, 60), "unwritten", "exhaust memory"},
		"aliased":             {denseModel(512, 512, 2000), "aliased", "exhaust memory"},
		"cycle":               {small, "cycle", "contains itself"},
		"self cycle":          {small, "self_cycle", "contains itself"},
		"another compression": {small, "lzf", "lzf"},
		"deep":                {small, "", "deep"},
		"units not in it":     {denseModel(4, 1e12, 1), "good", "shape (4, 1000000000000)"},
		"layers not in it":    {denseModel(4, 3, 5000), "good", "no layers/dense_1/vars/0"},
	} {
		t.Run(name, func(t *testing.T) {
			weights := deepFile.String()
			if c.weights != "" {
				weights = hostileWeights(t, c.weights)
			}
			check := func(what string, size int, read func() error) {
				err := bounded(t, name+" "+what, size, read)
				if c.says == "" {
					require.NoError(t, err, what)
				} else {
					require.ErrorContains(t, err, c.says, what)
				}
			}
			folder := t.TempDir()
			for _, method := range []uint16{zip.Store, zip.Deflate} {
				archive := zipFile(t, method, zipEntry{configEntry, c.config}, zipEntry{weightsEntry, weights})
				path := filepath.Join(folder, fmt.Sprintf("m%d.keras", method))
				require.NoError(t, os.WriteFile(path, archive, 0o600))
				check("as a model", len(archive), func() error {
					m, err := saving.LoadModel(path)
					if err != nil {
						return err
					}
					return predictOn(m, 4)
				})
			}
			path := filepath.Join(folder, "m.weights.h5")
			require.NoError(t, os.WriteFile(path, []byte(weights), 0o600))
			m, err := functional.FromJSON([]byte(c.config), false)
			require.NoError(t, err)
			check("as weights", len(weights), func() error {
				if err := m.LoadWeights(path); err != nil {
					return err
				}
				return predictOn(m, 4)
			})
		})
	}
}

// TestHostileArchives loads archives that are wrong as archives.
func TestHostileArchives(t *testing.T) {
	config, weights := zipEntry{configEntry, denseModel(4, 3, 1)}, zipEntry{weightsEntry, hostileWeights(t, "good")}
	metadata := zipEntry{metadataEntry, `{"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"}`}
	good := zipFile(t, zip.Store, metadata, config, weights)
	require.NoError(t, loadBytes(t, "good", good))
	// In the directory, at the end of the file: where an entry's flags and sizes stand.
	directory := func(name string, offset int, with ...byte) []byte {
		out := bytes.Clone(good)
		copy(out[bytes.LastIndex(out, []byte(name))-46+offset:], with)
		return out
	}
	damaged := bytes.Clone(good)
	damaged[bytes.Index(damaged, []byte("\x89HDF"))+len(weights.data)-20] ^= 1 // among the weights
	many := []zipEntry{config, weights}
	for i := range 70_000 {
		many = append(many, zipEntry{fmt.Sprintf("assets/%d", i), ""})
	}
	spaces := strings.Repeat(" ", 60<<20)
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"nothing":          {nil, "is empty"},
		"text":             {[]byte("hello"), "Keras"},
		"an end alone":     {[]byte("PK\x05\x06" + strings.Repeat("\x00", 18)), "Keras"},
		"cut":              {good[:len(good)-30], "zip"},
		"a zip in a zip":   {zipFile(t, zip.Store, zipEntry{"m.keras", string(good)}), "Keras"},
		"no weights":       {zipFile(t, zip.Store, config), weightsEntry},
		"traversal":        {zipFile(t, zip.Store, config, weights, zipEntry{"assets/../../../etc/x", ""}), "cannot be named"},
		"absolute":         {zipFile(t, zip.Store, config, weights, zipEntry{"/etc/x", ""}), "cannot be named"},
		"backslashes":      {zipFile(t, zip.Store, config, weights, zipEntry{`assets\..\x`, ""}), "cannot be named"},
		"configured twice": {zipFile(t, zip.Store, config, config, weights), "two entries"},
		"weighed twice":    {zipFile(t, zip.Store, config, weights, weights), "two entries"},
		"many entries":     {zipFile(t, zip.Store, many...), "entries"},
		"config bomb":      {zipFile(t, zip.Deflate, zipEntry{configEntry, "{" + spaces + "}"}, weights), "more than"},
		"blank config":     {zipFile(t, zip.Store, zipEntry{configEntry, "{" + spaces + "}"}, weights), "names no class"},
		"larger config":    {zipFile(t, zip.Store, zipEntry{configEntry, "{" + spaces + spaces + "}"}, weights), "more than"},
		"metadata bomb":    {zipFile(t, zip.Deflate, zipEntry{metadataEntry, "{" + spaces + "}"}, config, weights), "more than"},
		"weights bomb":     {zipFile(t, zip.Deflate, config, zipEntry{weightsEntry, weights.data + spaces + spaces}), "allowed"},
		"config not JSON":  {zipFile(t, zip.Store, zipEntry{configEntry, `{"a": `}, weights), "JSON"},
		"weights not HDF5": {zipFile(t, zip.Store, config, zipEntry{weightsEntry, "hello"}), "HDF5"},
		"declares more":    {directory(weightsEntry, 24, 0xff, 0xff, 0xff, 0x7f), "exhaust memory"},
		"declares less":    {directory(weightsEntry, 24, 1, 0, 0, 0), "pass the end"},
		"past the end":     {directory(weightsEntry, 20, 0, 0, 0, 0x70, 0, 0, 0, 0x70), "pass the end"},
		"encrypted":        {directory(weightsEntry, 8, 1), "encrypted"},
		"wrong checksum":   {directory(weightsEntry, 16, 1, 2, 3, 4), "checksum"},
		"damaged weights":  {damaged, "checksum"},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, loadBytes(t, name, c.data), c.says)
		})
	}
}

// hostileSources are sound files of each format with how they are read.
func hostileSources(t testing.TB) map[string]struct {
	data []byte
	read func(path string) error
} {
	load := func(path string) error {
		m, err := saving.LoadModel(path)
		if err != nil {
			return err
		}
		return useModel(m)
	}
	sources := map[string]struct {
		data []byte
		read func(path string) error
	}{}
	add := func(name string, data []byte, read func(string) error) {
		sources[name] = struct {
			data []byte
			read func(path string) error
		}{data, read}
	}
	for _, name := range []string{"k3_outputs.keras", "k2_sequential.h5", "k3_functional.h5", "k2_old_functional.h5"} {
		data, err := os.ReadFile(legacyFile(t, name))
		require.NoError(t, err)
		add(name, data, load)
	}
	config := denseModel(4, 3, 1)
	weights := hostileWeights(t, "good")
	add("m.keras", zipFile(t, zip.Deflate, zipEntry{configEntry, config}, zipEntry{weightsEntry, weights}), load)
	add("m.weights.h5", []byte(weights), func(path string) error {
		m, err := functional.FromJSON([]byte(config), false)
		if err != nil {
			return err
		}
		if err := m.LoadWeights(path); err != nil {
			return err
		}
		return predictOn(m, 4)
	})
	arrays := filepath.Join(t.TempDir(), "a.npz")
	require.NoError(t, datasets.SaveNPZ(arrays, map[string]*tensors.Tensor{"x": tensors.FromFlatDataAndDimensions(make([]float32, 600), 20, 30), "y": tensors.FromValue([]int32{1, 2})}))
	data, err := os.ReadFile(arrays)
	require.NoError(t, err)
	add("a.npz", data, func(path string) error {
		_, err := datasets.LoadNPZ(path)
		return err
	})
	return sources
}

// TestTruncatedFiles cuts files of each format off at 200 places: an error each.
func TestTruncatedFiles(t *testing.T) {
	places := 200
	if testing.Short() {
		places = 40
	}
	for name, s := range hostileSources(t) {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			for i := range places {
				at := len(s.data) * i / places
				require.NoError(t, os.WriteFile(path, s.data[:at], 0o600))
				err := bounded(t, fmt.Sprintf("cut at %d", at), at, func() error { return s.read(path) })
				require.Error(t, err, "cut at %d of %d", at, len(s.data))
			}
			require.NoError(t, os.WriteFile(path, s.data, 0o600))
			require.NoError(t, s.read(path))
		})
	}
}

// TestFlippedBytes changes bytes of files of each format: an error, or what was read is still of use.
func TestFlippedBytes(t *testing.T) {
	rounds := 250
	if testing.Short() {
		rounds = 60
	}
	rng := rand.New(rand.NewPCG(11, 12))
	for name, s := range hostileSources(t) {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			for round := range rounds {
				data := bytes.Clone(s.data)
				for range 1 + round%3 {
					data[rng.IntN(len(data))] ^= byte(1 << rng.IntN(8))
				}
				require.NoError(t, os.WriteFile(path, data, 0o600))
				_ = bounded(t, fmt.Sprintf("round %d", round), len(data), func() error { return s.read(path) })
			}
		})
	}
}
