package sample

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/money"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func county(t *testing.T, seed int64, payments int) *County {
	t.Helper()
	c, err := Generate(Params{Seed: seed, Payments: payments, Month: DefaultMonth})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shared are the counties of every size, made once: the tests only read them.
var shared = func() map[int]func() (*County, error) {
	all := map[int]func() (*County, error){}
	for _, n := range everySize {
		all[n] = sync.OnceValues(func() (*County, error) {
			return Generate(Params{Seed: 7, Payments: n, Month: DefaultMonth})
		})
	}
	return all
}()

var everySize = []int{1, 2, 5, 11, 12, 30, 200, 1000, 15000}

// forSizes runs a check on counties of every size.
func forSizes(t *testing.T, check func(t *testing.T, c *County)) {
	t.Helper()
	for _, n := range everySize {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			c, err := shared[n]()
			if err != nil {
				t.Fatal(err)
			}
			check(t, c)
		})
	}
}

func TestGenerate_forms_exactly_the_payments_asked_for(t *testing.T) {
	t.Parallel()
	forSizes(t, func(t *testing.T, c *County) {
		all := 0
		for _, r := range c.Rosters {
			payees := map[string]bool{}
			for _, l := range r.Lines {
				payees[payee(c, &l)] = true
			}
			if len(payees) != r.Payments {
				t.Errorf("%s: %d payees, says %d", r.File, len(payees), r.Payments)
			}
			all += len(payees)
		}
		if all != c.Params.Payments {
			t.Errorf("%d payments", all)
		}
	})
}

// payee is the account that a line is paid to.
func payee(c *County, l *Line) string {
	switch l.Payee {
	case ByUnit:
		return c.Units[l.To].Account
	case ByGuardian:
		return c.People[l.To].Account
	case ByHead:
		for i := l.Person; ; i-- { // the head stands before its members
			if p := c.People[i]; p.Relation == Head && p.Household == c.People[l.Person].Household {
				return p.Account
			}
		}
	default:
		return c.People[l.Person].Account
	}
}

func TestGenerate_every_payee_has_an_account(t *testing.T) {
	t.Parallel()
	forSizes(t, func(t *testing.T, c *County) {
		for _, r := range c.Rosters {
			for _, l := range r.Lines {
				if payee(c, &l) == "" {
					t.Fatalf("%s: %s has no account", r.File, c.People[l.Person].Name)
				}
			}
		}
		for _, e := range c.Emergencies {
			if c.People[e.Person].Account == "" || e.Amount > 1000_00 || c.TownshipOf(&c.People[e.Person]).Code != e.Township {
				t.Errorf("emergency %+v", e)
			}
		}
	})
}

func TestGenerate_every_kind_of_aid_from_twelve_payments_on(t *testing.T) {
	t.Parallel()
	for n := minFull; n <= 40; n++ {
		var programs []string
		for _, r := range county(t, 1, n).Rosters {
			programs = append(programs, r.File)
		}
		want := []string{"roster-DB", "roster-TK-home", "roster-TK-institution", "roster-ET", "roster-LS", "roster-LL", "roster-CJ"}
		if diff := cmp.Diff(want, programs); diff != "" {
			t.Errorf("%d: %s", n, diff)
		}
	}
}

func TestGenerate_amounts_follow_the_standards(t *testing.T) {
	t.Parallel()
	forSizes(t, func(t *testing.T, c *County) {
		for _, r := range c.Rosters {
			var sum money.Fen
			for _, l := range r.Lines {
				p := c.Policies[l.Policy]
				due := p.Amount
				if p.Period == "年" {
					due /= 12 // both yearly standards divide by twelve
				}
				if p.Program != r.Program || l.Amount <= 0 || l.Amount > due || (!p.Cap && l.Amount != due) {
					t.Fatalf("%s: %s for a standard of %s", r.File, l.Amount, due)
				}
				sum += l.Amount
			}
			if sum != r.Total() {
				t.Errorf("%s: total %s, sum %s", r.File, r.Total(), sum)
			}
		}
	})
}

func TestGenerate_an_institution_is_paid_head_count_times_standard(t *testing.T) {
	t.Parallel()
	c := county(t, 3, 1000)
	for _, r := range c.Rosters {
		if r.File != "roster-TK-institution" {
			continue
		}
		if want := money.Fen(len(r.Lines)) * 536_00; r.Total() != want || r.Payments != 4 {
			t.Errorf("%d residents get %s in %d payments, want %s", len(r.Lines), r.Total(), r.Payments, want)
		}
	}
}

func TestPolicy_Monthly_adds_up_to_the_year(t *testing.T) {
	t.Parallel()
	p := Policy{Period: "年", Amount: 5420_00}
	var got []string
	var sum money.Fen
	for k := 1; k <= 12; k++ {
		sum += p.Monthly(k)
		if k <= 3 {
			got = append(got, p.Monthly(k).String())
		}
	}
	if diff := cmp.Diff([]string{"451.67", "451.66", "451.67"}, got); diff != "" || sum != 5420_00 {
		t.Errorf("%s, year %s", diff, sum)
	}
}

func TestGenerate_nobody_is_entitled_twice(t *testing.T) {
	t.Parallel()
	forSizes(t, func(t *testing.T, c *County) {
		seen, inDB, inTK := map[string]bool{}, map[int32]bool{}, map[int32]bool{}
		for _, r := range c.Rosters {
			for _, l := range r.Lines {
				key := fmt.Sprint(r.Program, c.Policies[l.Policy].Component, c.People[l.Person].ID)
				if seen[key] {
					t.Fatalf("%s twice", key)
				}
				seen[key] = true
				inDB[l.Person] = inDB[l.Person] || r.Program == "DB"
				inTK[l.Person] = inTK[l.Person] || r.Program == "TK"
				if inTK[l.Person] && (inDB[l.Person] || r.Program == "CJ") {
					t.Fatalf("%s is in 特困 and in another program", c.People[l.Person].Name)
				}
			}
		}
	})
}

// The check digits are computed here anew, from the standards.
func TestGenerate_numbers_are_valid_and_stand_once(t *testing.T) {
	t.Parallel()
	forSizes(t, func(t *testing.T, c *County) {
		seen := map[string]bool{}
		once := func(number string) {
			if seen[number] {
				t.Fatalf("%s stands twice", number)
			}
			seen[number] = true
		}
		for i := range c.People {
			p := &c.People[i]
			once(p.ID)
			if !p.Temporary && !residentID(p.ID) {
				t.Fatalf("ID %s", p.ID)
			}
			if p.Kind == NoAccount {
				continue
			}
			once(p.Account)
			if p.Kind == Card && (len(p.Account) != 19 || !strings.HasPrefix(p.Account, "6229") || !luhn(p.Account)) {
				t.Fatalf("card %s", p.Account)
			}
		}
		for _, u := range c.Units {
			once(u.Code)
			once(u.Account)
			if !creditCode(u.Code) {
				t.Errorf("credit code %s of %s", u.Code, u.Name)
			}
		}
		for _, d := range c.Deaths {
			if !d.InRoster {
				once(d.ID)
			}
		}
		for i := range 50 {
			_, spare := c.SpareAccount(i)
			once(spare)
		}
	})
}

func residentID(id string) bool {
	if len(id) != 18 || !strings.HasPrefix(id, "9913") {
		return false
	}
	born, err := time.Parse("20060102", id[6:14])
	if err != nil || born.Year() < 1925 || born.Format("2006-01") > DefaultMonth {
		return false
	}
	power, sum := 1, 0 // ISO 7064 MOD 11-2 from the right: weights are powers of two
	for i := 16; i >= 0; i-- {
		power = power * 2 % 11
		sum += int(id[i]-'0') * power
	}
	check := (12 - sum%11) % 11
	return id[17] == "0123456789X"[check]
}

func luhn(number string) bool {
	sum := 0
	for i, r := range number {
		d := int(r - '0')
		if (len(number)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

func creditCode(code string) bool {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	weights := []int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1}
	sum := 0
	for i, w := range weights {
		v := strings.IndexByte(alphabet, code[i])
		if v < 0 {
			return false
		}
		sum += v * w
	}
	return len(code) == 18 && sum%31 == 0
}

func TestGenerate_names_can_be_written_in_a_bank_file(t *testing.T) {
	t.Parallel()
	c := county(t, 5, 15000)
	dots := 0
	for _, p := range c.People {
		if _, err := simplifiedchinese.GBK.NewEncoder().String(p.Name); err != nil || strings.ContainsAny(p.Name, "| ") {
			t.Fatalf("%q: %v", p.Name, err)
		}
		if strings.Contains(p.Name, "·") {
			dots++
		}
	}
	if dots == 0 {
		t.Error("no name with a middle dot")
	}
}

func TestGenerate_households_have_one_head_and_fitting_ages(t *testing.T) {
	t.Parallel()
	forSizes(t, func(t *testing.T, c *County) {
		heads := make([]int, len(c.Households))
		head := make([]int32, len(c.Households))
		codes := map[string]bool{}
		for i := range c.People {
			p := &c.People[i]
			if p.Relation == Head {
				heads[p.Household]++
				head[p.Household] = int32(i)
				codes[c.HouseholdCode(p)] = true
			}
			if p.Relation == Child && c.age(int32(i)) > c.age(head[p.Household])-18 {
				t.Errorf("a child of %d with a head of %d", c.age(int32(i)), c.age(head[p.Household]))
			}
		}
		for h, n := range heads {
			if n != 1 {
				t.Errorf("household %d has %d heads", h, n)
			}
		}
		if len(codes) != len(c.Households) {
			t.Errorf("%d codes for %d households", len(codes), len(c.Households))
		}
	})
}

func TestGenerate_the_county(t *testing.T) {
	t.Parallel()
	c := county(t, 1, 12)
	residents, with14280 := 0, 0
	for _, town := range c.Townships {
		residents += town.Residents
		if town.Residents == 14_280 {
			with14280++
		}
	}
	if len(c.Townships) != 16 || residents != 412_600 || with14280 != 1 {
		t.Errorf("%d townships, %d residents, %d with 14,280", len(c.Townships), residents, with14280)
	}
	codes, names := map[string]bool{}, map[string]bool{}
	for _, v := range c.Villages {
		codes[v.Code], names[fmt.Sprint(v.Township, v.Name)] = true, true
		if len(v.Code) != 12 || v.Code[:9] != c.Townships[v.Township].Code[:9] {
			t.Errorf("village %s of %s", v.Code, c.Townships[v.Township].Code)
		}
	}
	if len(codes) != len(c.Villages) || len(names) != len(c.Villages) || len(c.Villages) < 200 || len(c.Villages) > 350 {
		t.Errorf("%d codes, %d names, %d villages", len(codes), len(names), len(c.Villages))
	}
}

func TestGenerate_county_volumes(t *testing.T) {
	t.Parallel()
	c := county(t, 1, CountySize.Payments())
	if n := c.Lines(); n < 14_500 || n > 15_800 {
		t.Errorf("%d lines", n)
	}
	var rural, urban []money.Fen
	for _, l := range c.Rosters[0].Lines {
		if strings.HasPrefix(c.Policies[l.Policy].Class, "农村") {
			rural = append(rural, l.Amount)
		} else {
			urban = append(urban, l.Amount)
		}
	}
	if avg := average(t, rural); avg < 252_00 || avg > 262_00 {
		t.Errorf("rural 低保 %s on average", avg)
	}
	if avg := average(t, urban); avg < 332_00 || avg > 352_00 {
		t.Errorf("urban 低保 %s on average", avg)
	}
	people, paid := map[int32]bool{}, map[string][]money.Fen{}
	var support money.Fen
	for _, r := range c.Rosters {
		for _, l := range r.Lines {
			paid[r.Program] = append(paid[r.Program], l.Amount)
			if r.Program == "TK" {
				people[l.Person], support = true, support+l.Amount
			}
		}
	}
	if avg := support / money.Fen(len(people)); avg < 600_00 || avg > 650_00 {
		t.Errorf("特困 %s a person on average", avg)
	}
	if avg := average(t, paid["ET"]); avg < 765_00 || avg > 800_00 {
		t.Errorf("children %s on average", avg)
	}
	if avg := average(t, paid["LS"]); avg < 840_00 || avg > 930_00 {
		t.Errorf("临时救助 %s a case on average", avg)
	}
	if low, high := slices.Min(paid["LS"]), slices.Max(paid["LS"]); low < 300_00 || high > 3_000_00 {
		t.Errorf("临时救助 from %s to %s", low, high)
	}
}

func average(t *testing.T, amounts []money.Fen) money.Fen {
	t.Helper()
	sum, err := money.Sum(amounts...)
	if err != nil {
		t.Fatal(err)
	}
	return sum / money.Fen(len(amounts))
}

// The month is paid by hand here: shared standards from the lots of their
// level, the rest from whatever lot of the program is left.
func TestGenerate_documents_can_pay_the_month(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 30, 12_000, 12_001, 40_000} {
		c := county(t, 2, n)
		left := make([]money.Fen, len(c.Documents))
		for i, d := range c.Documents {
			left[i] = d.Amount
		}
		take := func(program, level string, amount money.Fen) {
			for i, d := range c.Documents {
				if amount > 0 && strings.Contains(d.Programs, program) && (level == "" || d.Level == level) {
					part := min(amount, left[i])
					left[i], amount = left[i]-part, amount-part
				}
			}
			if amount > 0 {
				t.Errorf("%d: %s lacks %s of level %q", n, program, amount, level)
			}
		}
		for _, r := range c.Rosters {
			for _, l := range r.Lines {
				switch l.Policy {
				case tkHome, tkInstitution:
					take("TK", "县", 50_00)
					take("TK", "省", l.Amount-50_00)
				default:
					take(r.Program, "", l.Amount)
				}
			}
		}
	}
}

func TestGenerate_documents_are_eight_lots_of_seven(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]money.Fen{1: 68_640_000_00, 12_000: 68_640_000_00, 12_001: 2 * 68_640_000_00, 30_000: 3 * 68_640_000_00} {
		c := county(t, 1, n)
		numbers, lines := map[string]bool{}, map[string]bool{}
		var sum money.Fen
		for _, d := range c.Documents {
			numbers[d.Number], lines[fmt.Sprint(d.Number, d.Line)] = true, true
			sum += d.Amount
		}
		if len(numbers) != 7 || len(lines) != 8 || sum != want {
			t.Errorf("%d payments: %d documents, %d lots, %s", n, len(numbers), len(lines), sum)
		}
	}
}

func TestGenerate_deaths_take_no_payment_away(t *testing.T) {
	t.Parallel()
	forSizes(t, func(t *testing.T, c *County) {
		dead, inRoster := map[string]bool{}, 0
		for _, d := range c.Deaths {
			if dead[d.ID] = true; d.InRoster {
				inRoster++
			}
		}
		found := 0
		for _, r := range c.Rosters {
			living := map[string]bool{}
			for _, l := range r.Lines {
				if dead[c.People[l.Person].ID] {
					found++
				} else {
					living[payee(c, &l)] = true
				}
			}
			if len(living) != r.Payments {
				t.Errorf("%s: %d payments are left of %d", r.File, len(living), r.Payments)
			}
		}
		if found != inRoster || (c.Params.Payments >= 200 && found == 0) {
			t.Errorf("%d dead in rosters, %d marked", found, inRoster)
		}
	})
}

func TestGenerate_refuses(t *testing.T) {
	t.Parallel()
	for code, bad := range map[string][]Params{
		"SAMPLE_PAYMENTS": {{Payments: 0, Month: DefaultMonth}, {Payments: MaxPayments + 1, Month: DefaultMonth}},
		"SAMPLE_MONTH":    {{Payments: 1, Month: "2026-13"}, {Payments: 1}, {Payments: 1, Month: "1926-10"}},
	} {
		for _, p := range bad {
			if _, err := Generate(p); errs.CodeOf(err) != code || !i18n.Has(code) {
				t.Errorf("%+v: %v", p, err)
			}
		}
	}
}
