package notice

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnce(t *testing.T) {
	var out strings.Builder
	restore := To(&out)
	Once("a")
	Once("b")
	Once("a")
	require.Equal(t, "gokeras: a\ngokeras: b\n", out.String())
	restore()
	defer To(&out)()
	Once("a")
	require.Equal(t, "gokeras: a\ngokeras: b\ngokeras: a\n", out.String())
}
