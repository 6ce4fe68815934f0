package auth

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"fenlu/internal/valid"
)

// NewUser is what it takes to add a user.
type NewUser struct {
	Login  string `json:"login" validate:"login,no_personal_number"`                  // 2 to 32 of a-z, 0-9, dot, hyphen, underscore; starts with a letter
	Name   string `json:"name" validate:"required,max=40,label,no_personal_number"`   // as it is signed (姓名)
	Office string `json:"office" validate:"required,max=80,label,no_personal_number"` // where they work (单位)
}

// User is a user as stored (用户).
type User struct {
	Login      string     `json:"login"`
	Name       string     `json:"name"`
	Office     string     `json:"office"`
	CreatedAt  time.Time  `json:"created_at"`
	DisabledAt *time.Time `json:"disabled_at,omitempty"`
	Rights     []Right    `json:"rights"` // held now, by code
}

var loginForm = regexp.MustCompile(`^[a-z][a-z0-9._-]{1,31}$`)

// newValidator knows the rules of NewUser.
func newValidator() *valid.Validator {
	return valid.New(valid.WithTag("login", loginForm.MatchString), valid.WithTag("label", isLabel))
}

// isLabel: text on one line, without blanks around it.
func isLabel(s string) bool {
	return utf8.ValidString(s) && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, unicode.IsControl)
}
