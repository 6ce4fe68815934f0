package iso

import (
	"strings"
	"testing"
)

// Every schema is read whole: each element has a type, each type parts or a
// value, and the message of its name is in it.
func TestSchemas_are_understood(t *testing.T) {
	t.Parallel()
	for name, load := range schemas {
		document := load()
		if document == nil || len(document.parts) != 1 {
			t.Errorf("%s: %+v", name, document)
			continue
		}
		root := document.parts[0]
		if m, ok := messages[root.name]; !ok || !strings.HasPrefix(name, m.family+".") {
			t.Errorf("%s has the message %s", name, root.name)
		}
		seen := map[*schemaType]bool{}
		understood(t, name, root, seen)
		if len(seen) < 40 {
			t.Errorf("%s: only %d types", name, len(seen))
		}
	}
	if len(schemas) < 15 {
		t.Errorf("%d schemas", len(schemas))
	}
}

func understood(t *testing.T, schema string, p part, seen map[*schemaType]bool) {
	t.Helper()
	of := p.of
	switch {
	case of == nil:
		t.Fatalf("%s: %s has no type", schema, p.name)
	case seen[of]:
		return
	case len(of.parts) == 0 && of.value == nil && !of.any:
		t.Errorf("%s: %s is empty", schema, p.name)
	case p.max < 1 || p.min > p.max:
		t.Errorf("%s: %s from %d to %d", schema, p.name, p.min, p.max)
	}
	seen[of] = true
	for _, child := range of.parts {
		understood(t, schema, child, seen)
	}
}
