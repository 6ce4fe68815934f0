package arch

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// unwanted is text that may stand nowhere in the tree.
type unwanted struct {
	name    string
	pattern *regexp.Regexp
	except  func(match string) bool
	instead string
}

// The patterns are put together from parts, so that they do not find this
// file.
var unwantedTexts = []unwanted{
	{
		name:    "an ID number that may be a real person's",
		pattern: regexp.MustCompile(`\b[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]\b`),
		except:  nobodys,
		instead: "invent one with the area prefix 9913, which does not exist",
	},
	{
		name:    "a path of one machine",
		pattern: regexp.MustCompile(`(?:^|[^\w./-])/(?:wo` + `rk|ro` + `ot|home/\w+|Users/\w+)/`),
		instead: "make it relative to the repository, or an argument",
	},
	{
		name:    "the address of a package registry",
		pattern: regexp.MustCompile(`https?://[a-z0-9.-]*(?:pro` + `xy|regis` + `try|mir` + `ror|d` + `eb)\.`),
		instead: "leave it to the settings of go and apt",
	},
	{
		name:    "unfinished work",
		pattern: regexp.MustCompile(`\b(?:TO` + `DO|FIX` + `ME|XX` + `X)\b|(?i:not imple` + `mented)`),
		instead: "finish it, or open an issue",
	},
}

// publishedIDs are the two examples that GB 11643-1999 itself prints. They are
// all that is needed to show a number with a known area prefix.
var publishedIDs = []string{"11010519491231" + "002X", "44052418800101" + "0014"}

// nobodys says whether an ID number can be no real person's: its area does not
// exist, its date or check digit (GB 11643) is wrong, or the standard prints it.
func nobodys(id string) bool {
	id = strings.ToUpper(id)
	_, err := time.Parse("20060102", id[6:14])
	return strings.HasPrefix(id, "9913") || slices.Contains(publishedIDs, id) || err != nil || checkCharacter(id[:17]) != id[17]
}

func checkCharacter(digits string) byte {
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(digits[i]-'0') * weight
	}
	return "10X98765432"[sum%11]
}

func TestTreeHoldsNothingUnwanted(t *testing.T) {
	t.Parallel()
	for _, s := range tree(t) {
		if !strings.HasSuffix(s.path, ".sum") && utf8.ValidString(s.text) {
			report(t, unwantedIn(s))
		}
	}
}

func TestTreeSeesWhatIsUnwanted(t *testing.T) {
	t.Parallel()
	id := "110105" + "19491231" + "003"
	id += string(checkCharacter(id))
	for text, want := range map[string]string{
		"id " + id + ".":                              "real person",
		"cp a.xsd /wo" + "rk/shared/":                 "one machine",
		"https://pro" + "xy.example.org/simple":       "package registry",
		"// TO" + "DO: later":                         "unfinished",
		"return errors.New(\"not imple" + "mented\")": "unfinished",
	} {
		wantOffence(t, unwantedIn(source{"a/b.go", "line one\n" + text}), "a/b.go:2", want)
	}
	for _, text := range []string{
		"id " + "991301" + "19491231" + "0021",
		"the standard's " + publishedIDs[0],
		"wrong check digit " + "110105" + "19491231" + "0021",
		"account 6229990000007302123",
		"amount 123456789012345678",
		"social/work/ and ./root/",
	} {
		report(t, unwantedIn(source{"a/b.go", text}))
	}
}

func unwantedIn(s source) []string {
	var out []string
	for _, u := range unwantedTexts {
		for _, m := range u.pattern.FindAllStringIndex(s.text, -1) {
			found := s.text[m[0]:m[1]]
			if u.except != nil && u.except(found) {
				continue
			}
			line := 1 + strings.Count(s.text[:m[0]], "\n") + strings.Count(found[:1], "\n")
			out = append(out, fmt.Sprintf("%s:%d: %s: %s", s.path, line, u.name, u.instead))
		}
	}
	return out
}
