package xmlscan

import (
	"os"
	"path/filepath"
	"testing"
)

func FuzzScanner(f *testing.F) {
	paths, err := filepath.Glob("../testdata/*/*.xml")
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, s := range scannerSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { agreeWithEncodingXML(t, data) })
}
