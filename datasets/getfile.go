package datasets

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"cmp"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/gokeras/gokeras/internal/download"
)

// GetFileOptions are the arguments of [GetFile]; the zero value of each is Keras's default.
type GetFileOptions struct {
	Name        string // "": that of the address; no path
	Hash        string // SHA-256, or MD5, in hexadecimal; "": the file isn't checked
	Extract     bool   // a .zip, .tar, .tar.gz or .tar.bz2 archive, told by what it holds
	CacheDir    string // "": $KERAS_HOME or ~/.keras
	CacheSubdir string // below CacheDir, "": "datasets"; an absolute path stands alone
	Force       bool   // download though the file is there
	MaxBytes    int64  // the largest download, 0: 1 GiB

	Offline  bool            // forbids the network, as GOKERAS_OFFLINE=1 does
	Progress io.Writer       // what a download has to show; nil: os.Stderr
	Context  context.Context // ends a download early; nil: context.Background()
}

// What an archive may hold at most.
const (
	maxExtractedBytes = 64 << 30
	maxExtractedFiles = 10_000_000
)

// GetFile downloads a file into Keras's cache if it isn't there, and returns its path, or that of the folder with what the archive holds (Keras:
// keras.utils.get_file). A file that is there and has another Hash is fetched again. Both appear only when whole. An archive whose names lead out of its folder,
// or that holds links, is refused, where Keras leaves such out.
func GetFile(origin string, o GetFileOptions) (string, error) {
	p, err := getFile(origin, o)
	if err != nil {
		return "", fmt.Errorf("datasets.GetFile: %w", err)
	}
	return p, nil
}

func getFile(origin string, o GetFileOptions) (string, error) {
	address, err := url.Parse(origin)
	if err != nil || address.Scheme != "http" && address.Scheme != "https" {
		return "", fmt.Errorf("the address is %q, want one of http or https", origin)
	}
	name := o.Name
	if name == "" {
		name = path.Base(address.Path)
	}
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, `/\`) {
		return "", fmt.Errorf("the file's name is %q, want one without a path", name)
	}
	folder := o.CacheSubdir
	if folder == "" {
		folder = "datasets"
	}
	if !filepath.IsAbs(folder) {
		if o.CacheDir != "" {
			folder = filepath.Join(o.CacheDir, folder)
		} else if folder, err = download.KerasFolder(folder); err != nil {
			return "", err
		}
	}
	file, extracted := filepath.Join(folder, name), ""
	if o.Extract {
		extracted = file
		if stem, _, dotted := strings.Cut(name, "."); dotted && o.Name != "" {
			extracted = filepath.Join(folder, stem+"_extracted")
		} else {
			file += "_archive"
		}
	}
	fresh, err := fetchFile(origin, file, o)
	if err != nil || !o.Extract || !fresh && isDir(extracted) {
		return cmp.Or(extracted, file), err
	}
	return extracted, extractInto(file, extracted)
}

// fetchFile makes sure that a file is there, and reports whether it was fetched.
func fetchFile(origin, file string, o GetFileOptions) (fresh bool, err error) {
	if n := len(o.Hash); n != 0 && n != 32 && n != 64 {
		return false, fmt.Errorf("the hash is %q, want a SHA-256 or an MD5 in hexadecimal", o.Hash)
	}
	if isFile(file) && !o.Force {
		if o.Hash == "" {
			return false, nil
		}
		sum, err := download.Checksum(file, o.Hash)
		if err != nil || strings.EqualFold(sum, o.Hash) {
			return false, err
		}
	}
	if o.Offline || download.Offline() {
		return false, fmt.Errorf("%w: %s isn't there, or has another hash, and downloads are forbidden by GOKERAS_OFFLINE or Offline; put %s there", ErrNotFound, file, origin)
	}
	f := download.File{URL: origin, Path: file, MaxBytes: o.MaxBytes, Unverified: o.Hash == ""}
	if len(o.Hash) == 32 {
		f.MD5 = o.Hash
	} else {
		f.SHA256 = o.Hash
	}
	progress := o.Progress
	if progress == nil {
		progress = os.Stderr
	}
	return true, download.Fetch(o.Context, f, download.Options{Progress: progress})
}

// extractInto makes a folder of what an archive holds.
func extractInto(archive, folder string) (err error) {
	temporary, err := os.MkdirTemp(filepath.Dir(folder), ".extracting-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
	root, err := os.OpenRoot(temporary)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	x := &extraction{root: root}
	if err := x.archive(archive); err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	if err := os.Chmod(temporary, 0o755); err != nil {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	return os.Rename(temporary, folder)
}

// extraction writes below a folder, out of which the root lets no name lead.
type extraction struct {
	root  *os.Root
	bytes int64
	files int
}

func (x *extraction) archive(file string) error {
	if z, err := zip.OpenReader(file); err == nil {
		defer func() { _ = z.Close() }()
		for _, f := range z.File {
			if err := x.entry(f.Name, f.Mode(), f.Open); err != nil {
				return err
			}
		}
		return nil
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	packed := bufio.NewReader(f)
	var content io.Reader = packed
	switch head, _ := packed.Peek(3); {
	case strings.HasPrefix(string(head), "\x1f\x8b"):
		if content, err = gzip.NewReader(packed); err != nil {
			return err
		}
	case string(head) == "BZh":
		content = bzip2.NewReader(packed)
	}
	t := tar.NewReader(content)
	for i := 0; ; i++ {
		h, err := t.Next()
		switch {
		case errors.Is(err, io.EOF) && i > 0:
			return nil
		case err != nil && i == 0:
			return errors.New("it is no .zip, .tar, .tar.gz or .tar.bz2 archive")
		case err != nil:
			return err
		case h.Typeflag == tar.TypeXGlobalHeader:
			continue
		case h.Typeflag == tar.TypeLink:
			return fmt.Errorf("%q is a link, and archives with links are refused", h.Name)
		}
		if err := x.entry(h.Name, h.FileInfo().Mode(), func() (io.ReadCloser, error) { return io.NopCloser(t), nil }); err != nil {
			return err
		}
	}
}

// entry writes one file or folder of an archive.
func (x *extraction) entry(name string, mode os.FileMode, open func() (io.ReadCloser, error)) error {
	clean := path.Clean(strings.TrimSuffix(name, "/"))
	local, err := filepath.Localize(clean)
	if err != nil || strings.Contains(name, `\`) {
		return fmt.Errorf("the name %q leads out of the folder", name)
	}
	if x.files++; x.files > maxExtractedFiles {
		return fmt.Errorf("it has more than %d files", maxExtractedFiles)
	}
	switch {
	case mode.IsDir() || strings.HasSuffix(name, "/"):
		return x.root.MkdirAll(local, 0o755)
	case !mode.IsRegular():
		return fmt.Errorf("%q is a link or a device, and archives with such are refused", name)
	}
	if err := x.root.MkdirAll(filepath.Dir(local), 0o755); err != nil {
		return err
	}
	r, err := open()
	if err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	defer func() { _ = r.Close() }()
	f, err := x.root.OpenFile(local, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, io.LimitReader(r, maxExtractedBytes-x.bytes+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	if x.bytes += n; x.bytes > maxExtractedBytes {
		return fmt.Errorf("it holds more than %d bytes", int64(maxExtractedBytes))
	}
	return nil
}
