package golden

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// Vectorizer is a TextVectorization layer by itself, adapted where Adapt isn't nil, and called once.
type Vectorizer struct {
	Name  string          `json:"name"`
	Layer json.RawMessage `json:"layer"`
	Adapt *Adaption       `json:"adapt"`
	// LayerAfter is the layer's configuration after adapting.
	LayerAfter     json.RawMessage `json:"layer_after"`
	Inputs         Array           `json:"inputs"`
	Outputs        Array           `json:"outputs"`
	OutputSpec     ProbeTensor     `json:"output_spec"`
	Vocabulary     []string        `json:"vocabulary"`
	Tokens         []string        `json:"tokens"`
	VocabularySize int             `json:"vocabulary_size"`
	IDFWeights     *Array          `json:"idf_weights"`
	// OwnVariables and Assets are what the layer adds to a file; ReadsBack says whether Keras computes the same from them.
	OwnVariables map[string]Array  `json:"own_variables"`
	Assets       map[string]string `json:"assets"`
	ReadsBack    bool              `json:"reads_back"`
}

// LoadVectorizers reads the TextVectorization layers of textvectorization.json.
func LoadVectorizers(t testing.TB) []Vectorizer {
	t.Helper()
	var f struct {
		Vectorizers []Vectorizer `json:"vectorizers"`
	}
	Load(t, "textvectorization", &f)
	require.NotEmpty(t, f.Vectorizers)
	return f.Vectorizers
}
