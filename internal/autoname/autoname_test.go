package autoname_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/autoname"
)

func TestNames(t *testing.T) {
	autoname.Clear()
	next := func() string { return autoname.Join("auc", autoname.Take("auc")) }
	require.Equal(t, "auc", next())
	require.Equal(t, "auc_1", next())
	autoname.GiveBack("auc", 0) // a later one was taken
	require.Equal(t, "auc_2", next())
	autoname.GiveBack("auc", 2)
	require.Equal(t, "auc_2", next())
	require.Equal(t, 0, autoname.Take("dense"))
	autoname.Clear()
	require.Equal(t, "auc", next())
}
