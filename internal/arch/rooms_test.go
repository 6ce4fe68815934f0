package arch

// room is a part of the tree with a door of its own (DESIGN §4).
type room struct {
	path      string   // a package and everything below it, up to a room below
	mayImport []string // rooms; foundation is what every room may stand on
	instead   string   // what a newcomer should do who wanted more
}

// foundation is what any room may stand on: it knows no domain.
var foundation = []string{"money", "internal", "internal/sheet", "internal/ident", "internal/db", "internal/clock", "internal/durable", "internal/errs", "internal/i18n", "migrations"}

// files are bank files as the rooms above see them.
var files = []string{"bankfiles", "bankfiles/record", "bankfiles/order", "bankfiles/reason"}

// domains are the rooms that hold Fenlu's own rules.
var domains = []string{
	"ledger", "ledger/proof", "ledger/proof/leaf", "ledger/proof/checkpoint", "ledger/proof/bundle", "ledger/proof/restart", "ledger/books",
	"disbursement", "disbursement/terms", "disbursement/imports", "disbursement/rules", "disbursement/areas",
	"disbursement/parties", "disbursement/funds", "disbursement/benefits", "disbursement/payment", "disbursement/entitlements", "disbursement/batch", "disbursement/audit",
	"bankfiles", "bankfiles/record", "bankfiles/order", "bankfiles/reason", "reconciliation", "trace", "auth", "events",
}

// shared is what every room of disbursement may stand on besides.
var shared = []string{"ledger", "ledger/proof", "ledger/proof/leaf", "auth", "events", "disbursement/terms", "disbursement/imports", "disbursement/rules", "disbursement/areas"}

// rooms is the plan of the house. A package belongs to the longest path that
// holds it; "internal" stands for every package below internal without a row
// of its own. The next rule is one line here and one in .golangci.yml.
var rooms = []room{
	{"cmd", all(domains, foundation, "internal/simbank", "internal/demo", "internal/sample", "internal/bench", "internal/witness", "internal/notary", "web", "api"),
		"wire it in cmd/fenlu through the domain's exported service"},
	{"web", all(domains, foundation), "a page calls a service; what a page needs and no service has belongs into the domain"},
	{"api", all(domains, foundation), "a handler decodes, calls a service and encodes; the rule belongs into the domain"},
	{"internal/demo", all(domains, foundation, "internal/simbank", "internal/sample"), "the demo drives the services as cmd does"},
	{"internal/bench", all(foundation, files, "ledger", "ledger/proof", "events"), "bench measures the ledger and bank files through their doors, as any other caller"},
	{"internal/witness", all(foundation, "ledger/proof/checkpoint"), "a witness has no database and knows a log by its key: pass it the request"},
	{"internal/notary", all(foundation, "ledger/proof/checkpoint"), "the notary signs sizes and roots it is handed: let cmd ask the log for them"},
	{"internal/sample", foundation, "sample writes the files that people import and knows no domain: pass it what it needs"},

	{"reconciliation", all(foundation, files, "ledger", "ledger/proof", "ledger/proof/leaf", "auth", "events"),
		"reconciliation meets disbursement through an interface it declares itself; cmd passes the implementation in"},
	{"trace", all(foundation, "ledger", "ledger/proof", "ledger/proof/leaf", "ledger/proof/bundle"), "trace reads the views the domains publish (x_*), not the domains"},

	{"disbursement", all(foundation, shared, "disbursement/parties", "disbursement/funds", "disbursement/benefits", "disbursement/payment", "disbursement/batch",
		"ledger/books", files),
		"disbursement stands on the ledger and the bank file formats; evidence comes back through reconciliation's interface"},
	{"disbursement/batch", all(foundation, shared, "disbursement/parties", "disbursement/funds", "disbursement/benefits", "disbursement/payment", "disbursement/entitlements", files),
		"a batch may use payments, parties, funds and benefits; what it needs from elsewhere comes in as an interface it declares"},
	{"disbursement/payment", all(foundation, shared, "disbursement/parties", files),
		"a payment knows its payee, its legs and its files, not the list it comes from: let disbursement/batch hand it over"},
	{"disbursement/parties", all(foundation, shared),
		"people and accounts are there before any batch: let disbursement/batch ask them"},
	{"disbursement/funds", all(foundation, shared, "disbursement/parties"),
		"money is there before any batch: let disbursement/batch ask for it"},
	{"disbursement/benefits", all(foundation, shared, "disbursement/parties", "disbursement/funds"),
		"programs and policies are there before any batch: let disbursement/batch ask them"},
	{"disbursement/entitlements", all(foundation, shared, "disbursement/parties", "disbursement/benefits"),
		"entitlements are there before any batch: let disbursement/batch ask for them"},
	{"disbursement/audit", all(foundation, shared, "disbursement/parties"),
		"audit reads what is on record, keeps lists to compare it with, and changes nothing: the rule that refuses belongs into the room that acts"},
	{"disbursement/imports", all(foundation, "ledger/proof", "ledger/proof/leaf"), "imports remembers digests of files and knows nothing of what they say"},
	{"disbursement/rules", all(foundation, "ledger/proof", "ledger/proof/leaf", "disbursement/imports", "disbursement/terms"),
		"rules keeps figures and does not know what is done with them: let the room that has the rule ask"},
	{"disbursement/areas", all(foundation, "ledger/proof", "ledger/proof/leaf", "disbursement/imports", "auth"),
		"areas knows places and offices, not what stands there: let the room that owns it move it with the merger"},
	{"disbursement/terms", foundation, "terms is words that all rooms of disbursement share: rules belong into the rooms"},

	{"ledger", all(foundation, "ledger/proof", "ledger/proof/leaf"),
		"the ledger knows nothing of people or banks: post through ledger.Service from the room above, with lines and payments as numbers"},
	{"ledger/proof", all(foundation, "ledger/proof/leaf"), "the log knows hashes, not their meaning: hand it the kind, the number and the hash"},
	{"ledger/proof/checkpoint", []string{"internal/errs"},
		"checkpoint is for whoever has no database, the bundle's verifier and the witness: pass sizes, roots and proofs in as values"},
	{"ledger/proof/bundle", []string{"money", "internal/errs", "ledger/proof/leaf", "ledger/proof/checkpoint"},
		"bundle is written and verified without a database: let trace and cmd gather, and hand over leaves, paths and rows as values"},
	{"ledger/proof/restart", all(foundation, "ledger/proof", "ledger/proof/checkpoint", "auth"),
		"restart knows acts and checkpoints, not the file they are in: cmd passes the notary in as restart.Outside"},
	{"ledger/proof/leaf", nil, "leaf is bytes in, hashes out, for the verifier that has no database: pass plain values in"},
	{"ledger/books", all(foundation, "ledger", "ledger/proof", "ledger/proof/leaf", "auth"),
		"the books know periods and journals, not batches or documents: what is open there, cmd tells them through books.Work"},

	{"bankfiles", []string{"money", "internal/errs", "internal/i18n", "bankfiles/record", "bankfiles/order", "bankfiles/xmlscan", "bankfiles/iso", "bankfiles/layout", "bankfiles/mt", "bankfiles/reason"},
		"bankfiles is pure, bytes in and records out: pass the time, the account and the amounts in as values"},
	{"bankfiles/record", []string{"money", "internal/errs"}, "record is what every reader hands out: it knows no format"},
	{"bankfiles/order", []string{"money", "internal/errs", "bankfiles/record"}, "order is what every writer is handed: it knows no format"},
	{"bankfiles/xmlscan", []string{"internal/errs", "bankfiles/record"}, "xmlscan knows XML, not its messages"},
	{"bankfiles/iso", []string{"money", "internal/errs", "bankfiles/record", "bankfiles/order", "bankfiles/xmlscan"},
		"iso knows messages, not which bank sends them: a deviation is tolerated for all, or a profile of bankfiles"},
	{"bankfiles/mt", []string{"internal/errs", "bankfiles/record"}, "mt knows statements, not which bank sends them: a deviation is tolerated for all"},
	{"bankfiles/reason", nil, "reason is a table: pass code and text in as the bank has them"},
	{"bankfiles/layout", []string{"money", "internal/errs", "internal/sheet", "bankfiles/record", "bankfiles/order", "bankfiles/xmlscan", "bankfiles/reason"},
		"layout knows how lines are laid out, not which bank lays them: that is a profile"},
	{"auth", all(foundation, "ledger/proof", "ledger/proof/leaf"), "auth knows no domain: pass the right's name and the office in"},
	{"events", foundation, "events knows no domain: pass the event's name, key and payload in"},
	{"migrations", nil, "migrations holds SQL and its embedding only"},

	{"money", []string{"internal/errs"}, "money is the ground floor: it knows nothing above it"},
	{"internal/errs", nil, "errs is the ground floor: it knows nothing above it"},
	{"internal/clock", nil, "clock is the ground floor: it knows nothing above it"},
	{"internal/i18n", []string{"internal/errs", "money"}, "texts take plain values: format in the caller"},
	{"internal/ident", []string{"internal/errs", "internal/i18n"}, "identifiers know their check digits and how they are masked, not whose they are"},
	{"internal/sheet", []string{"money", "internal/errs", "internal/i18n", "internal/ident"}, "sheet reads and writes tables and knows no domain: what a column means is the importer's"},
	{"internal/db", []string{"internal/errs", "internal/durable", "internal/crash/site", "internal/crash/sqlsite", "internal/clock", "internal/i18n", "migrations"},
		"db runs transactions and knows no table of a domain: pass the statement in"},
	{"internal/simbank", nil,
		"the simulated bank shares no code with the product, so that an error in ours cannot hide in its: write it from the published format"},
	{"internal/rfc6962", nil, "the definition shares no code with the log, so that an error there cannot hide here"},
	{"internal/durable", []string{"internal/crash/site"}, "durable writes files and does not know what is in them"},
	{"internal/crash/site", nil, "a site is a name: whoever comes by says it"},
	{"internal/crash/sqlsite", []string{"internal/crash/site"}, "a site is a name: whoever comes by says it"},
	{"internal/crash", []string{"internal/crash/site"}, "the crash test sees the program from outside: run it as a user would"},
	{"internal/arch", []string{"internal/i18n"}, "arch reads the tree as text"},
	{"internal/mutants", nil, "mutants runs go test on the tree as it is"},
	{"internal", foundation, "packages under internal know no domain; one that drives the domains needs a row in rooms_test.go"},
}

// outsider is a dependency that only some rooms may use, directly or through
// another package.
type outsider struct {
	path    string   // module, package or standard library path, and below
	rooms   []string // the rooms that may reach it; nil with except: all but those
	except  []string // the rooms that may not
	direct  bool     // only a direct import counts
	instead string
}

// outsiders are the rules about what comes from outside the tree.
var outsiders = []outsider{
	{path: "github.com/jackc/pgx", except: pure, instead: "a pure room has no database: return records and let the caller store them"},
	{path: "database/sql/driver", except: pure, direct: true, instead: "a pure room has no database: return records and let the caller store them"},
	{path: "net", except: []string{"bankfiles", "money", "internal/simbank"}, direct: true, instead: "a pure room reads an io.Reader: open it in the caller"},
	{path: "os", except: []string{"bankfiles", "money", "ledger", "trace"}, direct: true, instead: "only cmd reads files and the environment: take an io.Reader or a value"},
	{path: "github.com/cockroachdb/cockroach-go", rooms: []string{"internal/db"}, direct: true,
		instead: "ExecuteTx must only ever see CockroachDB: begin transactions with db.Run (docs/adr/0004-sql-style.md)"},
	{path: "filippo.io/age", rooms: []string{"cmd"}, direct: true, instead: "only cmd encrypts what leaves: hand it the plain file"},
	{path: "github.com/pressly/goose", rooms: []string{"internal/db", "migrations", "internal/pgtest"}, direct: true, instead: "migrate through internal/db"},
	{path: "github.com/alecthomas/kong", rooms: []string{"cmd"}, direct: true, instead: "only cmd reads the command line: take a struct of options"},
	{path: "github.com/ThreeDotsLabs/watermill", rooms: []string{"events", "cmd"}, direct: true, instead: "write to the outbox with events; only events knows the router"},
	{path: "github.com/xuri/excelize", rooms: []string{"internal/sheet", "internal/sample"}, direct: true, instead: "read and write tables through internal/sheet, which also knows CSV and GB18030"},
	{path: "go.yaml.in/yaml", rooms: []string{"bankfiles/layout"}, direct: true, instead: "format profiles alone are YAML: take a struct or a table"},
}

// pure rooms take bytes and values and give bytes and values.
var pure = []string{"bankfiles", "ledger/proof/leaf", "ledger/proof/checkpoint", "ledger/proof/bundle", "money", "internal/simbank", "internal/errs", "internal/clock", "internal/i18n"}

// testExtras are what tests may import beyond their room's doors: the test
// database, the simulated bank as a second reader of our files, a witness as a
// reader of our checkpoints, the RFC's definition of the tree, and the sample
// files of banks.
var testExtras = []string{"internal/db", "internal/pgtest", "internal/simbank", "internal/witness", "internal/rfc6962", "internal/clock", "internal/filetest", "migrations"}

func all(lists ...any) []string {
	var out []string
	for _, l := range lists {
		switch v := l.(type) {
		case string:
			out = append(out, v)
		case []string:
			out = append(out, v...)
		}
	}
	return out
}
