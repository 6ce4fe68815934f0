package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"fenlu/internal/sample"
	"fenlu/internal/simbank"
)

// countyOf is the demo's county again, which its seed fixes.
func countyOf(ts *testscript.TestScript) *sample.County {
	c, err := sample.Generate(sample.Params{Seed: countySeed, Payments: countyPayments, Month: sample.DefaultMonth})
	ts.Check(err)
	return c
}

// roster writes the 低保 of another month for the first n households: the
// month's list by hand, the amounts as they were.
func roster(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(last(args))
	if neg || len(args) != 3 || err != nil {
		ts.Fatalf("usage: roster FILE MONTH N")
	}
	c := countyOf(ts)
	rows := [][]string{strings.Split("项目,类别,服务月份,户号,姓名,证件号码,金额,收款方式", ",")}
	households := map[int32]bool{}
	for _, l := range c.Rosters[0].Lines {
		p := &c.People[l.Person]
		if households[p.Household] = true; len(households) > n {
			break
		}
		policy := c.Policies[l.Policy]
		rows = append(rows, []string{policy.Program, policy.Class, args[1], c.HouseholdCode(p), p.Name, p.ID, l.Amount.String(), l.Payee.String()})
	}
	writeCSV(ts, args[0], rows)
}

// newCard writes a people file in which somebody of the county has another card.
func newCard(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: newcard FILE NAME")
	}
	c := countyOf(ts)
	for i := range c.People {
		p := &c.People[i]
		if p.Name != args[1] || p.Relation != sample.Head {
			continue
		}
		bank, number := c.SpareAccount(900)
		residence := "农村"
		if p.Urban {
			residence = "城市"
		}
		writeCSV(ts, args[0], [][]string{
			strings.Split("类型,户号,与户主关系,姓名,证件类型,证件号码,区划代码,地址类别,账户类型,银行行号,开户银行,账号,户名,核实人,核实日期", ","),
			{"个人", c.HouseholdCode(p), "户主", p.Name, "居民身份证", p.ID, c.Villages[p.Village].Code, residence,
				"社保卡", bank.Code, bank.Name, number, p.Name, "吴晓棠", "2026-11-05"},
		})
		return
	}
	ts.Fatalf("no head of a household is called %s", args[1])
}

// emergency names a case of the county that the demo has not paid.
func emergency(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(last(args))
	if neg || len(args) != 1 || err != nil {
		ts.Fatalf("usage: emergency N")
	}
	c := countyOf(ts)
	e := c.Emergencies[n]
	ts.Setenv("CASE", e.Case)
	ts.Setenv("TOWNSHIP", e.Township)
	ts.Setenv("ID_NUMBER", c.People[e.Person].ID)
}

func writeCSV(ts *testscript.TestScript, name string, rows [][]string) {
	f, err := os.Create(ts.MkAbs(name))
	ts.Check(err)
	w := csv.NewWriter(f)
	ts.Check(w.WriteAll(rows))
	ts.Check(f.Close())
}

// bank carries something to the bank of the demo, which remembers its month:
//
//	bank send DAY FILE          the bank takes a payment file; $ANSWER is its first result
//	bank ask FILE_ID            its next result, for what it left out
//	bank statement ACCOUNT DAY  the account's statement
func bank(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: bank send DAY FILE | ask FILE_ID | statement ACCOUNT DAY")
	}
	b, err := simbank.Open(filepath.Join(ts.Getenv("DATA"), "simbank"), simbank.DefaultOptions(countySeed))
	ts.Check(err)
	var answer simbank.File
	switch args[0] {
	case "send":
		name := ts.MkAbs(args[2])
		raw, err := os.ReadFile(name)
		ts.Check(err)
		got, err := b.Receive(filepath.Base(name), raw, simbank.Day(args[1]))
		ts.Check(err)
		if !got.Accepted {
			ts.Fatalf("the bank refused %s: %v", name, got.Refusals)
		}
		answer = got.Files[0]
	case "ask":
		answer, err = b.QueryResult(args[1])
	case "statement":
		answer, err = b.Statement(args[1], simbank.Day(args[2]))
	default:
		ts.Fatalf("bank %s?", args[0])
	}
	ts.Check(err)
	name := ts.MkAbs(answer.Name)
	ts.Check(os.WriteFile(name, answer.Bytes, 0o600))
	ts.Setenv("ANSWER", name)
}

func last(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[len(args)-1]
}
