package main

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"fenlu/internal/sample"
	"fenlu/money"
)

// auditLists writes what others keep of the county's money in a directory, in
// agreement with its books: held-accounts.csv, residents.csv, visits.csv and
// direct-files.csv.
func auditLists(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: audit_lists DIR")
	}
	c := countyOf(ts)
	ts.Check(ts.Exec("mkdir", "-p", ts.MkAbs(args[0])))
	write := func(name string, rows [][]string) { writeCSV(ts, filepath.Join(args[0], name), rows) }
	write("held-accounts.csv", heldAccounts(ts))
	write("residents.csv", residentsOf(c))
	write("visits.csv", visitsOf(ts, c))
	write("direct-files.csv", directFiles(ts, c))
}

// heldAccounts are the accounts that our books know, one file of a bank naming several.
func heldAccounts(ts *testscript.TestScript) [][]string {
	rows := [][]string{strings.Split("账号,户名,开户银行,账户性质,区划代码,开户日期,截止日期,余额,依据文件", ",")}
	found, err := query(ts.Getenv("OWNER"), `SELECT debtor_account FROM channel WHERE debtor_account <> '' UNION SELECT scope FROM evidence_file WHERE kind = 'statement'`)
	ts.Check(err)
	seen := map[string]bool{}
	for _, r := range found {
		for _, number := range strings.Fields(r[0]) {
			if !seen[number] {
				rows = append(rows, []string{number, "青禾县财政局社保资金专户", "青禾农商银行", "专户", "991301", "2020-01-01", "2026-10-31", "100.00", "青财库〔2026〕1号"})
			}
			seen[number] = true
		}
	}
	return rows
}

// residentsOf are the people whose institution the county pays.
func residentsOf(c *sample.County) [][]string {
	rows := [][]string{strings.Split("统一社会信用代码,月份,姓名,证件号码", ",")}
	seen := map[int32]bool{}
	for _, r := range c.Rosters {
		for _, l := range r.Lines {
			if l.Payee == sample.ByUnit && !seen[l.Person] {
				p := &c.People[l.Person]
				rows, seen[l.Person] = append(rows, []string{c.Units[l.To].Code, c.Params.Month, p.Name, p.ID}), true
			}
		}
	}
	return rows
}

// visitsOf are five people who are paid into their own accounts and say that all of
// it is there.
func visitsOf(ts *testscript.TestScript, c *sample.County) [][]string {
	rows := [][]string{strings.Split("核实编号,核实方式,姓名,证件号码,项目,服务月份,实收金额,领取方式,被收回金额,收回人,核实日期,核实人", ",")}
	found, err := query(ts.Getenv("OWNER"), `SELECT v.name, l.program, l.month, sum(h.amount_fen)::bigint FROM entitlement_line l JOIN person_version v ON v.person = l.person
		JOIN leg h ON h.line = l.id JOIN account a ON a.id = h.account AND a.kind = 'paid' JOIN batch b ON b.id = l.batch AND b.channel = 'DF'
		WHERE l.payee = l.person AND NOT EXISTS (SELECT 1 FROM entitlement_line o WHERE o.payee = l.person AND o.person <> l.person)
		GROUP BY v.name, l.program, l.month ORDER BY v.name, l.program`)
	ts.Check(err)
	named := map[string][]string{}
	for i := range c.People {
		named[c.People[i].Name] = append(named[c.People[i].Name], c.People[i].ID)
	}
	for _, r := range found {
		if ids := named[r[0]]; len(ids) == 1 && len(rows) <= 5 {
			rows = append(rows, []string{"HF-" + strconv.Itoa(len(rows)), "入户", r[0], ids[0], r[1], r[2], yuan(ts, r[3]), "转账", "", "", "2026-10-28", "村务监督委员会"})
		}
	}
	return rows
}

// directFiles tell of each document, month and program what was paid from it, under
// one number.
func directFiles(ts *testscript.TestScript, c *sample.County) [][]string {
	rows := [][]string{strings.Split("区划代码,文号,服务月份,项目,姓名,证件号码,金额,报送日期", ",")}
	found, err := query(ts.Getenv("OWNER"), `SELECT o.number, l.month, l.program, sum(h.amount_fen)::bigint FROM entitlement_line l
		JOIN leg h ON h.line = l.id JOIN account a ON a.id = h.account AND a.kind = 'paid'
		JOIN document_line d ON d.lot = h.lot AND d.kind = 'bring' AND d.tags LIKE '%直达资金%' JOIN document o ON o.id = d.document
		WHERE l.person IS NOT NULL GROUP BY o.number, l.month, l.program ORDER BY o.number, l.month, l.program`)
	ts.Check(err)
	for _, r := range found {
		rows = append(rows, []string{"991301", r[0], r[1], r[2], c.People[0].Name, c.People[0].ID, yuan(ts, r[3]), "2026-10-30"})
	}
	return rows
}

// yuan is an amount in fen as people write it.
func yuan(ts *testscript.TestScript, fen string) string {
	n, err := strconv.ParseInt(fen, 10, 64)
	ts.Check(err)
	return money.Fen(n).String()
}
