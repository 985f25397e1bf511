package pd_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/port/np"
	"github.com/gokeras/gokeras/port/pd"
	"github.com/gokeras/gokeras/port/porttest"
)

var df *pd.Frame

func counted(name string) []*np.Array {
	values, counts := df.ValueCounts(name)
	return []*np.Array{values, counts}
}

func TestExpressions(t *testing.T) {
	porttest.Run(t, expressions, func() { df = pd.ReadCSV("testdata/small.csv") })
}

func TestBadFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	for _, text := range []string{"", "a,b\n1,2,3\n"} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.Error(t, np.Try(func() { pd.ReadCSV(path) }))
	}
	df = pd.ReadCSV("testdata/small.csv")
	require.Error(t, np.Try(func() { df.Drop("none") }))
	require.Error(t, np.Try(func() { df.FillNA(0) }))
	require.Error(t, np.Try(func() { df.Set("c", []int{1}) }))
}

func Example() {
	df := pd.ReadCSV("testdata/small.csv").Select("a", "b").FillNA(0)
	fmt.Println(df.Set("c", np.Add(df.Col("a"), 1)).Values())
	// Output:
	// [[ 1.   0.5  2. ]
	//  [ 2.   0.   3. ]
	//  [ 3.   2.5  4. ]
	//  [ 4.  -1.   5. ]]
}
