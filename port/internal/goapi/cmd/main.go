// Command cmd writes api.json from the sources of the module.
package main

import (
	"bytes"
	"encoding/json"
	"log"
	"os"

	"github.com/gokeras/gokeras/port/internal/goapi"
)

func main() {
	table, err := goapi.Read("../../..")
	if err != nil {
		log.Fatal(err)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(table); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("api.json", b.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}
