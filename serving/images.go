package serving

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
)

const (
	defaultTop       = 5
	defaultMaxPixels = 16 << 20
)

// Images makes a server take pictures, for a model with one input of images, (batch, height, width, channels) or channels first, and one output that has a
// score for each class, (batch, classes). They get the input's size by bilinear interpolation.
type Images struct {
	// Classes are the names of the output's columns; nil: their numbers.
	Classes []string
	// Top is how many classes an answer has, the likeliest first; 0: 5.
	Top int
	// MaxPixels is the size of the largest picture; 0: 16 Mi. A small file may claim any size.
	MaxPixels int
	// Prepare makes of a picture, float32 from 0 to 255 of shape (1, height, width, channels), what the model takes, as the PreprocessInput of package
	// applications does; nil: the model does it itself.
	Prepare func(x any) (*tensors.Tensor, error)
}

// pictures is what a server needs for [Images].
type pictures struct {
	Images
	load     datasets.LoadImageOptions
	format   string
	decoding chan struct{} // as many as may be decoded at once, which takes the memory of all their pixels
}

func newPictures(m *functional.Model, o Options) (*pictures, error) {
	p := &pictures{Images: *o.Images, decoding: make(chan struct{}, min(4, runtime.GOMAXPROCS(0)))}
	inputs, outputs := m.Inputs(), m.Outputs()
	if len(inputs) != 1 || len(outputs) != 1 || len(outputs[0].Shape()) != 2 {
		return nil, errors.New("Images is for a model of one input and one output (batch, classes)")
	}
	shape := inputs[0].Shape()
	if len(o.InputShapes) == 1 && len(shape) == len(o.InputShapes[0])+1 {
		shape = append(functional.Shape{functional.None}, o.InputShapes[0]...)
	}
	var err error
	if p.load, p.format, err = datasets.LoadImageOptionsFor(shape); err != nil {
		return nil, err
	}
	if p.load.TargetSize == [2]int{} {
		return nil, fmt.Errorf("the input's shape is %s: InputShapes must say what size pictures get", shape)
	}
	classes := outputs[0].Shape()[1]
	if p.Classes != nil && len(p.Classes) != classes {
		return nil, fmt.Errorf("Images.Classes has %d names, and the output has shape %s", len(p.Classes), outputs[0].Shape())
	}
	if p.Top < 0 || p.MaxPixels < 0 {
		return nil, fmt.Errorf("Images has Top %d, MaxPixels %d: want none below 0", p.Top, p.MaxPixels)
	}
	p.Top, p.load.MaxPixels = cmp.Or(p.Top, defaultTop), cmp.Or(p.MaxPixels, defaultMaxPixels)
	return p, nil
}

// upload is a picture of a request.
type upload struct {
	name    string
	content []byte
}

// classified is the answer for a picture.
type classified struct {
	File string  `json:"file,omitempty"`
	Top  []score `json:"top"`
}

type score struct {
	Class string  `json:"class"`
	Score float32 `json:"score"`
}

// classify is the answer to a request with pictures.
func (s *Server) classify(r *http.Request, body io.Reader) ([]byte, error) {
	uploads, err := uploadsOf(r, body, s.batches.limit)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.timeout)
	defer cancel()
	answer := struct {
		Predictions []classified `json:"predictions"`
	}{}
	parts := make([]any, len(uploads))
	for i, u := range uploads {
		if parts[i], err = s.pictures.read(ctx, u.content); err != nil {
			if u.name != "" {
				err = fmt.Errorf("%s: %w", u.name, err)
			}
			return nil, err
		}
		answer.Predictions = append(answer.Predictions, classified{File: u.name})
	}
	x, err := stacked(parts)
	if err != nil {
		return nil, err
	}
	outputs, err := s.batches.predict(r.Context(), []any{x})
	if err != nil {
		return nil, err
	}
	scores, err := datasets.ToFloat32(outputs[0], 1)
	if err != nil {
		return nil, err
	}
	for i, row := range scores.Value().([][]float32) {
		if answer.Predictions[i].Top, err = s.pictures.best(row); err != nil {
			return nil, err
		}
	}
	return json.Marshal(answer)
}

// uploadsOf reads the pictures of a request: the files of a form, or the body itself.
func uploadsOf(r *http.Request, body io.Reader, limit int) ([]upload, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		content, err := io.ReadAll(body)
		return []upload{{content: content}}, err
	}
	form := multipart.NewReader(body, params["boundary"])
	var uploads []upload
	for {
		part, err := form.NextPart()
		switch {
		case err == io.EOF && len(uploads) == 0:
			return nil, badRequest("the form has no file")
		case err == io.EOF:
			return uploads, nil
		case err != nil:
			return nil, badForm(err)
		case part.FileName() == "":
			continue
		case len(uploads) == limit:
			return nil, badRequest("the form has more than %d files", limit)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, badForm(err)
		}
		uploads = append(uploads, upload{path.Base(part.FileName()), content})
	}
}

// badForm tells a form that is broken from one that is too large or too slow.
func badForm(err error) error {
	if statusOf(err) != http.StatusInternalServerError {
		return err
	}
	return badRequest("the form is broken: %v", err)
}

// read makes what the model takes of a picture's file.
func (p *pictures) read(ctx context.Context, content []byte) (*tensors.Tensor, error) {
	if kind := http.DetectContentType(content); !strings.HasPrefix(kind, "image/") {
		return nil, &requestError{http.StatusUnsupportedMediaType, fmt.Sprintf("want a PNG, JPEG, GIF or BMP picture, or a form of them, got %s of %d bytes", kind, len(content))}
	}
	select {
	case p.decoding <- struct{}{}:
		defer func() { <-p.decoding }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	picture, err := datasets.ReadImage(&untilDone{bytes.NewReader(content), ctx}, p.load)
	if err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("it takes too long to decode: %w", err)
		}
		return nil, badRequest("%v", err)
	}
	pixels, err := datasets.ImageToArray(picture, p.format)
	if err != nil {
		return nil, err
	}
	x := tensors.FromFlatDataAndDimensions(tensors.MustCopyFlatData[float32](pixels), append([]int{1}, pixels.Shape().Dimensions...)...)
	if p.Prepare == nil {
		return x, nil
	}
	return p.Prepare(x)
}

// untilDone ends with its context: a small file can keep a decoder busy for hours.
type untilDone struct {
	io.ReadSeeker
	ctx context.Context
}

func (r *untilDone) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.ReadSeeker.Read(b)
}

// best are the classes with the highest scores.
func (p *pictures) best(scores []float32) ([]score, error) {
	order := make([]int, len(scores))
	for i, v := range scores {
		if order[i] = i; math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, fmt.Errorf("the model's score for class %d is %v", i, v)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	var top []score
	for _, class := range order[:min(p.Top, len(order))] {
		name := strconv.Itoa(class)
		if p.Classes != nil {
			name = p.Classes[class]
		}
		top = append(top, score{name, scores[class]})
	}
	return top, nil
}

//go:embed page.html
var page []byte

// showPage answers with a page on which pictures are dropped.
func showPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src blob:")
	_, _ = w.Write(page)
}
