package serial

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/symbolic"
)

// saved is what a model's files hold beside its configuration.
type saved struct {
	weights *kerasfile.Group
	assets  map[string][]byte // by path
	claimed []*symbolic.Weight
	puts    []func() error // make the tree of weights, in order
}

// vars adds a group of weights.
func (s *saved) vars(path, owner string, weights []*symbolic.Weight) {
	s.claimed = append(s.claimed, weights...)
	s.puts = append(s.puts, func() error { return saveVars(s.weights, path, owner, weights, (*symbolic.Weight).Look) })
}

// write makes the tree and has it written while nobody changes a weight: a step that trains waits meanwhile.
func (s *saved) write(write func() error) error {
	claim := symbolic.NewClaim(s.claimed, nil)
	claim.Hold()
	defer claim.Release()
	symbolic.Draw(s.claimed)
	for _, put := range s.puts {
		if err := put(); err != nil {
			return err
		}
	}
	return write()
}

// keep adds what a layer keeps beside its weights.
func (s *saved) keep(path string, l symbolic.Layer) error {
	keeper, ok := l.(symbolic.FileKeeper)
	if !ok {
		return nil
	}
	kept, err := keeper.Keep()
	if err != nil {
		return fmt.Errorf("layer %q: %w", l.Base().Name(), err)
	}
	for _, name := range slices.Sorted(maps.Keys(kept.Arrays)) {
		s.puts = append(s.puts, func() error {
			a, err := kerasfile.FromTensor(kept.Arrays[name])
			if err == nil {
				err = s.weights.Set(join(path, "vars/"+name), a)
			}
			if err != nil {
				return fmt.Errorf("layer %q: %w", l.Base().Name(), err)
			}
			return nil
		})
	}
	for name, content := range kept.Files {
		s.assets[join(path, name)] = content
	}
	return nil
}

// checkKept refuses to leave out what layers keep in files of their own.
func checkKept(n *symbolic.Network) error {
	var first error
	symbolic.EachLayer(n, func(l symbolic.Layer) {
		keeper, ok := l.(symbolic.FileKeeper)
		if !ok || first != nil {
			return
		}
		kept, err := keeper.Keep()
		if err == nil && len(kept.Files) > 0 {
			err = fmt.Errorf("it keeps files (%s), for which the legacy HDF5 format has no place: save to a path that ends in .keras",
				strings.Join(slices.Sorted(maps.Keys(kept.Files)), ", "))
		}
		if err != nil {
			first = fmt.Errorf("layer %q: %w", l.Base().Name(), err)
		}
	})
	return first
}

// assetFolders are the assets of an archive by the folder that they lie in.
type assetFolders struct {
	archive *kerasfile.Reader
	names   map[string][]string
}

func assetsOf(f *kerasfile.Reader) *assetFolders {
	a := &assetFolders{archive: f, names: map[string][]string{}}
	for _, path := range f.AssetNames() {
		folder, name := "", path
		if at := strings.LastIndexByte(path, '/'); at >= 0 {
			folder, name = path[:at], path[at+1:]
		}
		a.names[folder] = append(a.names[folder], name)
	}
	return a
}

// matchKept reads what a file has of a layer beside its weights, and returns what sets it. assets is nil where files of the kind have none.
func matchKept(root *kerasfile.Group, assets *assetFolders, path string, l symbolic.Layer) (commit func(), err error) {
	keeper, ok := l.(symbolic.FileKeeper)
	if !ok {
		return func() {}, nil
	}
	kept := &symbolic.Kept{Arrays: map[string]*tensors.Tensor{}}
	if group := root.Group(join(path, "vars")); group != nil {
		for _, name := range group.Names() {
			a, isArray := group.Array(name)
			if !isArray || isNumber(name) {
				continue
			}
			if kept.Arrays[name], err = a.Tensor(); err != nil {
				return nil, fmt.Errorf("layer %q: %s: %w", l.Base().Name(), join(path, "vars/"+name), err)
			}
		}
	}
	if assets != nil {
		kept.Files = map[string][]byte{}
		for _, name := range assets.names[path] {
			if kept.Files[name], err = assets.archive.Asset(join(path, name)); err != nil {
				return nil, fmt.Errorf("layer %q: %w", l.Base().Name(), err)
			}
		}
	}
	if commit, err = keeper.Restore(kept); err != nil {
		return nil, fmt.Errorf("layer %q: %w", l.Base().Name(), err)
	}
	return commit, nil
}

// isNumber tells the names of weights.
func isNumber(name string) bool { return strings.Trim(name, "0123456789") == "" }
