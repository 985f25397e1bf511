package applications

import "github.com/gokeras/gokeras/functional"

// Unloaded makes a network without giving it its published weights, and says in which file these are: its name, where it comes from, its checksum.
func Unloaded(n any) (*functional.Model, [3]string, error) {
	m, made, err := n.(interface {
		assemble() (*functional.Model, *net, error)
	}).assemble()
	if err != nil {
		return nil, [3]string{}, err
	}
	f := made.file(made)
	return m, [3]string{f.name, f.url, f.hash}, nil
}
