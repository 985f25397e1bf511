package callbacks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf16"
)

// RemoteMonitor posts the logs of each epoch to a server (Keras: RemoteMonitor), as JSON {"epoch": 0, "loss": …} in a form's field, or as it is. A
// server that can't be reached is a warning.
type RemoteMonitorCallback struct {
	Base
	root, path, field string
	headers           map[string]string
	asJSON            bool
	client            http.Client
}

var _ Callback = (*RemoteMonitorCallback)(nil)

// RemoteMonitor returns a callback that posts to "http://localhost:9000/publish/epoch/end/", in the field "data".
func RemoteMonitor() *RemoteMonitorCallback {
	return &RemoteMonitorCallback{root: "http://localhost:9000", path: "/publish/epoch/end/", field: "data", client: http.Client{Timeout: time.Minute}}
}

// Root sets the server, the default of which is "http://localhost:9000".
func (r *RemoteMonitorCallback) Root(root string) *RemoteMonitorCallback {
	r.root = root
	return r
}

// Path sets what follows the root. The default is "/publish/epoch/end/".
func (r *RemoteMonitorCallback) Path(path string) *RemoteMonitorCallback {
	r.path = path
	return r
}

// Field sets the form's field. The default is "data".
func (r *RemoteMonitorCallback) Field(field string) *RemoteMonitorCallback {
	r.field = field
	return r
}

// Headers are sent beside those of HTTP. By default there are none.
func (r *RemoteMonitorCallback) Headers(headers map[string]string) *RemoteMonitorCallback {
	r.headers = headers
	return r
}

// SendAsJSON posts the JSON itself, as application/json, instead of a form. The default is false.
func (r *RemoteMonitorCallback) SendAsJSON(send bool) *RemoteMonitorCallback {
	r.asJSON = send
	return r
}

// ObservesBatches implements [BatchObserver].
func (r *RemoteMonitorCallback) ObservesBatches() bool { return false }

// OnEpochEnd implements [Callback].
func (r *RemoteMonitorCallback) OnEpochEnd(epoch int, logs *Logs) error {
	var body strings.Builder
	fmt.Fprintf(&body, `{"epoch": %d`, epoch)
	finite := true
	for name, value := range logs.All() {
		if array, ok := logs.Array(name); ok && len(array.Data) != 1 {
			return fmt.Errorf("%s has %d values, and only numbers can be sent: monitor a metric of one number, such as one with an average", name, len(array.Data))
		}
		finite = finite && !math.IsNaN(value) && !math.IsInf(value, 0)
		fmt.Fprintf(&body, ", %s: %s", pythonString(name), pythonNumber(value))
	}
	if err := logs.Err(); err != nil {
		return err
	}
	body.WriteByte('}')
	text, kind := body.String(), "application/json"
	if !r.asJSON {
		text, kind = url.Values{r.field: {text}}.Encode(), "application/x-www-form-urlencoded"
	} else if !finite { // Python's requests sends no NaN
		return r.warn(errors.New("JSON has no NaN and no infinity"))
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, r.root+r.path, strings.NewReader(text))
	if err != nil {
		return r.warn(err)
	}
	request.Header.Set("Content-Type", kind)
	for name, value := range r.headers {
		request.Header.Set(name, value)
	}
	response, err := r.client.Do(request)
	if err != nil {
		return r.warn(err)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	_ = response.Body.Close()
	return nil
}

func (r *RemoteMonitorCallback) warn(why error) error {
	return printf(r.Params(), "\nWARNING: Could not reach RemoteMonitor root server at %s: %v", r.root, why)
}

// pythonNumber writes a number as Python's json.dumps does.
func pythonNumber(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	return reprFloat(v)
}

// pythonString writes a text as Python's json.dumps does: in ASCII.
func pythonString(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			out.WriteByte('\\')
			out.WriteRune(c)
		case c == '\n':
			out.WriteString(`\n`)
		case c == '\r':
			out.WriteString(`\r`)
		case c == '\t':
			out.WriteString(`\t`)
		case c >= ' ' && c <= '~':
			out.WriteRune(c)
		default:
			for _, unit := range utf16.Encode([]rune{c}) {
				fmt.Fprintf(&out, `\u%04x`, unit)
			}
		}
	}
	out.WriteByte('"')
	return out.String()
}
