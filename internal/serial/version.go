package serial

import (
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/symbolic"
)

// recordsGiven is the first version of Keras 3 that records the argument training of a call only where it was given, and honours it then.
const recordsGiven = "3.16.0"

// followVersion makes a model treat what a file records of its calls as the version of Keras does that wrote the file: Keras 3 up to 3.15
// records training=False where nobody gave it, and ignores it; Keras 2 and later versions of Keras 3 record what was given, and honour it.
func followVersion(l symbolic.Layer, version string) {
	n, ok := symbolic.NetworkOf(l)
	parts := strings.SplitN(version, ".", 3)
	if !ok || len(parts) < 2 {
		return
	}
	major, errMajor := strconv.Atoi(parts[0])
	minor, errMinor := strconv.Atoi(parts[1])
	if errMajor == nil && errMinor == nil {
		n.HonourTraining(major < 3 || major > 3 || minor >= 16)
	}
}

// versionOf is the version of Keras that reads a model as it is meant.
func versionOf(l symbolic.Layer) string {
	if n, ok := symbolic.NetworkOf(l); ok && n.HonoursTraining() {
		return recordsGiven
	}
	return kerasfile.KerasVersion
}

// eraOfArchive is 0 for files that don't say.
func eraOfArchive(f *kerasfile.Reader) era {
	if version := f.Metadata().KerasVersion; version != "" {
		return eraOf(version)
	}
	return 0
}
