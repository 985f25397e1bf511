package serving_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/serving"
)

// colors is a model that says how red, green and blue a picture of 4×4 pixels is.
func colors() *functional.Model {
	in := functional.Input(4, 4, 3)
	return must.M1(functional.NewModel(in, layers.Rescaling(1.0/255).Apply(layers.GlobalAveragePooling2D().Apply(in))))
}

func plain(width, height int, c color.Color) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		img.Set(i%width, i/width, c)
	}
	return img
}

func pngOf(img image.Image) []byte {
	var b bytes.Buffer
	must.M(png.Encode(&b, img))
	return b.Bytes()
}

type answered struct {
	Predictions []struct {
		File string
		Top  []struct {
			Class string
			Score float64
		}
	}
	Error string
}

func classify(t testing.TB, server *httptest.Server, contentType string, body io.Reader) (status int, answer answered) {
	t.Helper()
	r, err := server.Client().Post(server.URL+"/classify", contentType, body)
	require.NoError(t, err)
	defer func() { _ = r.Body.Close() }()
	require.NoError(t, json.NewDecoder(r.Body).Decode(&answer))
	return r.StatusCode, answer
}

// formOf is a form with files and a field.
func formOf(files map[string][]byte) (contentType string, body *bytes.Buffer) {
	body = &bytes.Buffer{}
	form := multipart.NewWriter(body)
	must.M(form.WriteField("note", "not a file"))
	for name, content := range files {
		must.M1(must.M1(form.CreateFormFile("picture", name)).Write(content))
	}
	must.M(form.Close())
	return form.FormDataContentType(), body
}

func TestClassify(t *testing.T) {
	golden.OnGo(t)
	server := start(t, colors(), serving.Options{Images: &serving.Images{Classes: []string{"red", "green", "blue"}, Top: 2}})
	orange := pngOf(plain(9, 5, color.NRGBA{255, 102, 0, 255}))
	status, answer := classify(t, server, "image/png", bytes.NewReader(orange))
	require.Equal(t, 200, status, answer.Error)
	require.Len(t, answer.Predictions, 1)
	require.Empty(t, answer.Predictions[0].File)
	top := answer.Predictions[0].Top
	require.Len(t, top, 2)
	require.Equal(t, []string{"red", "green"}, []string{top[0].Class, top[1].Class})
	require.InDelta(t, 1, top[0].Score, 1e-6)
	require.InDelta(t, 0.4, top[1].Score, 1e-6)

	var blue bytes.Buffer
	require.NoError(t, jpeg.Encode(&blue, plain(16, 16, color.NRGBA{0, 0, 255, 255}), nil))
	contentType, body := formOf(map[string][]byte{"../a/blue.jpg": blue.Bytes()})
	status, answer = classify(t, server, contentType, body)
	require.Equal(t, 200, status, answer.Error)
	require.Equal(t, "blue.jpg", answer.Predictions[0].File)
	require.Equal(t, "blue", answer.Predictions[0].Top[0].Class)

	contentType, body = formOf(map[string][]byte{"1.png": orange, "2.png": orange, "3.png": orange})
	status, answer = classify(t, server, contentType, body)
	require.Equal(t, 200, status, answer.Error)
	require.Len(t, answer.Predictions, 3)

	require.Contains(t, get(t, server, "/"), "Drop pictures here")
	require.Contains(t, get(t, server, "/metrics"), `gokeras_requests_total{code="200"} 3`)

	prepared := start(t, colors(), serving.Options{Images: &serving.Images{Prepare: func(x any) (*tensors.Tensor, error) {
		flat := tensors.MustCopyFlatData[float32](x.(*tensors.Tensor))
		for i, v := range flat {
			flat[i] = 255 - v
		}
		return tensors.FromFlatDataAndDimensions(flat, 1, 4, 4, 3), nil
	}}})
	status, answer = classify(t, prepared, "", bytes.NewReader(orange))
	require.Equal(t, 200, status, answer.Error)
	require.Equal(t, "2", answer.Predictions[0].Top[0].Class)
}

// claiming is a PNG of a few bytes whose header claims a size.
func claiming(width, height uint32) []byte {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(data)))
		b.WriteString(kind)
		b.Write(data)
		_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(append([]byte(kind), data...)))
	}
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	chunk("IHDR", append(header, 8, 6, 0, 0, 0))
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, _ = z.Write(make([]byte, 1<<20))
	_ = z.Close()
	chunk("IDAT", packed.Bytes())
	chunk("IEND", nil)
	return b.Bytes()
}

func TestHostileUploads(t *testing.T) {
	golden.OnGo(t)
	server := start(t, colors(), serving.Options{BatchSize: 4, MaxBytes: 1 << 20, Images: &serving.Images{MaxPixels: 1 << 16}})
	good := pngOf(plain(300, 200, color.NRGBA{1, 2, 3, 255}))
	many := map[string][]byte{}
	for i := range 5 {
		many[fmt.Sprint(i)] = good
	}
	manyType, manyBody := formOf(many)
	brokenType, brokenBody := formOf(map[string][]byte{"broken.png": good[:len(good)/2]})
	emptyType, emptyBody := formOf(nil)
	cutType, cutBody := formOf(map[string][]byte{"a.png": good})
	largeType, largeBody := formOf(map[string][]byte{"a.png": make([]byte, 2<<20)})
	for name, c := range map[string]struct {
		contentType string
		body        io.Reader
		status      int
		want        string
	}{
		"a text":                 {"text/plain", strings.NewReader("I'm no picture"), 415, "text/plain"},
		"a page named a picture": {"image/png", strings.NewReader("<html><script>alert(1)</script>"), 415, "text/html"},
		"nothing":                {"image/png", strings.NewReader(""), 415, "of 0 bytes"},
		"an unknown picture":     {"image/webp", strings.NewReader("RIFF\x00\x00\x00\x00WEBPVP8 "), 400, "no PNG, JPEG, GIF or BMP"},
		"a cut picture":          {"image/png", bytes.NewReader(good[:len(good)-30]), 400, "not enough pixel data"},
		"a bomb":                 {"image/png", bytes.NewReader(claiming(1<<20, 1<<20)), 400, "want at most 65536"},
		"a small bomb":           {"image/png", bytes.NewReader(claiming(60_000, 60_000)), 400, "want at most 65536"},
		"100 MB":                 {"image/png", io.LimitReader(zeros{}, 100<<20), 413, "too large"},
		"a form of 2 MB":         {largeType, largeBody, 413, "too large"},
		"a form of 5 pictures":   {manyType, manyBody, 400, "more than 4 files"},
		"a broken one in a form": {brokenType, brokenBody, 400, "broken.png: "},
		"a form without files":   {emptyType, emptyBody, 400, "no file"},
		"a cut form":             {cutType, io.LimitReader(cutBody, 300), 400, "the form is broken"},
		"a form of nothing":      {"multipart/form-data", strings.NewReader("x"), 400, "the form is broken"},
	} {
		t.Run(name, func(t *testing.T) {
			status, answer := classify(t, server, c.contentType, iotest.HalfReader(c.body))
			require.Equal(t, c.status, status, answer.Error)
			require.Contains(t, answer.Error, c.want)
		})
	}
	status, answer := classify(t, server, "", bytes.NewReader(good))
	require.Equal(t, 200, status, answer.Error)
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// TestSlowBodies: who sends slowly is answered after a while.
func TestSlowBodies(t *testing.T) {
	golden.OnGo(t)
	server := start(t, colors(), serving.Options{Timeout: 50 * time.Millisecond, Images: &serving.Images{}})
	for _, path := range []string{"/classify", "/predict"} {
		connection, err := net.Dial("tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		_, err = fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n\r\nfirst", path)
		require.NoError(t, err)
		require.NoError(t, connection.SetReadDeadline(time.Now().Add(10*time.Second)))
		answer, err := io.ReadAll(connection)
		require.NoError(t, err)
		require.Contains(t, string(answer), "HTTP/1.1 408 ")
		require.NoError(t, connection.Close())
	}
	// Later requests of a connection have their own time.
	r, err := server.Client().Post(server.URL+"/classify", "", bytes.NewReader(pngOf(plain(4, 4, color.White))))
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	time.Sleep(100 * time.Millisecond)
	status, answer := classify(t, server, "", bytes.NewReader(pngOf(plain(4, 4, color.White))))
	require.Equal(t, http.StatusOK, status, answer.Error)
}

func TestImagesMistakes(t *testing.T) {
	golden.OnGo(t)
	open := functional.Input(functional.None, functional.None, 3)
	anySize := must.M1(functional.NewModel(open, layers.GlobalAveragePooling2D().Apply(open)))
	for name, c := range map[string]struct {
		model *functional.Model
		o     serving.Options
		want  string
	}{
		"no images":    {classifier(), serving.Options{Images: &serving.Images{}}, "an input (batch, height, width, channels)"},
		"any size":     {anySize, serving.Options{Images: &serving.Images{}}, "InputShapes must say"},
		"few classes":  {colors(), serving.Options{Images: &serving.Images{Classes: []string{"red"}}}, "Images.Classes has 1 names"},
		"negative top": {colors(), serving.Options{Images: &serving.Images{Top: -1}}, "want none below 0"},
	} {
		_, err := serving.New(c.model, c.o)
		require.ErrorContains(t, err, c.want, name)
	}
	server := start(t, anySize, serving.Options{InputShapes: []functional.Shape{{2, 2, 3}}, Images: &serving.Images{}})
	status, answer := classify(t, server, "", bytes.NewReader(pngOf(plain(8, 8, color.White))))
	require.Equal(t, http.StatusOK, status, answer.Error)
	require.InDelta(t, 255, answer.Predictions[0].Top[0].Score, 1e-4)
}

// TestServe: the end of the context leaves what is under way to be answered.
func TestServe(t *testing.T) {
	golden.OnGo(t)
	preparing, stopped := make(chan struct{}), make(chan struct{})
	server := must.M1(serving.New(colors(), serving.Options{Images: &serving.Images{Prepare: func(x any) (*tensors.Tensor, error) {
		close(preparing)
		<-stopped
		return x.(*tensors.Tensor), nil
	}}}))
	listener := must.M1(net.Listen("tcp", "127.0.0.1:0"))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, listener) }()
	status := make(chan int, 1)
	go func() {
		r, err := http.Post("http://"+listener.Addr().String()+"/classify", "", bytes.NewReader(pngOf(plain(4, 4, color.White))))
		if err != nil {
			t.Error(err)
			status <- 0
			return
		}
		_ = r.Body.Close()
		status <- r.StatusCode
	}()
	<-preparing
	stop()
	require.Eventually(t, func() bool { // nobody is let in any more
		c, err := net.Dial("tcp", listener.Addr().String())
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	}, 10*time.Second, time.Millisecond)
	close(stopped)
	require.Equal(t, http.StatusOK, <-status)
	require.NoError(t, <-ended)
}
