package embedded

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"fenlu/internal/durable"
	"fenlu/internal/errs"
)

// markerFile says that the directory is ours and holds the passwords.
const markerFile = "pg.json"

// kind is how we recognise our own marker.
const kind = "fenlu embedded database"

// marker is the content of markerFile.
type marker struct {
	Kind         string            `json:"kind"`
	ID           string            `json:"id"`           // of this cluster, random
	Initialised  bool              `json:"initialised"`  // the cluster has been made: never make another
	Bootstrapped bool              `json:"bootstrapped"` // roles and database are there
	Unsafe       bool              `json:"no_fsync"`     // made for tests
	Passwords    map[string]string `json:"passwords"`    // of the roles
}

// loadMarker reads the marker, or writes the first one. A cluster without our
// marker is somebody else's.
func (c *cluster) loadMarker(clusterThere bool) error {
	text, err := os.ReadFile(filepath.Join(c.dir, markerFile))
	switch {
	case errors.Is(err, os.ErrNotExist) && clusterThere:
		return errs.New(errs.Refused, "DB_NOT_OURS", "dir", c.pgdata)
	case errors.Is(err, os.ErrNotExist):
		c.marker = newMarker(c.o.Unsafe)
		return c.saveMarker()
	case errors.Is(err, os.ErrPermission):
		return errs.New(errs.Refused, "DB_NOT_OWNER", "dir", c.dir, "owner", userName(c.uid), "user", userName(os.Geteuid()))
	case err != nil:
		return errs.Wrap(err, errs.Refused, "DB_DIR_UNUSABLE", "dir", c.dir)
	}
	if err := json.Unmarshal(text, &c.marker); err != nil || c.marker.Kind != kind {
		return errs.Wrap(err, errs.Refused, "DB_NOT_OURS", "dir", c.dir)
	}
	return nil
}

func newMarker(unsafe bool) marker {
	m := marker{Kind: kind, ID: rand.Text(), Unsafe: unsafe, Passwords: map[string]string{}}
	for _, role := range []string{RoleAdmin, RoleOwner, RoleApp, RoleAudit} {
		m.Passwords[role] = rand.Text()
	}
	return m
}

// saveMarker replaces the marker in one step, so that a crash leaves the old
// one or the new one.
func (c *cluster) saveMarker() error {
	text, err := json.MarshalIndent(c.marker, "", "  ")
	if err != nil {
		return err
	}
	err = durable.Replace("marker", filepath.Join(c.dir, markerFile), func(f *os.File) error {
		_, err := f.Write(text)
		c.giveToOwner(f.Name())
		return err
	})
	if err != nil {
		return errs.Wrap(err, errs.Refused, "DB_DIR_UNUSABLE", "dir", c.dir)
	}
	return nil
}
