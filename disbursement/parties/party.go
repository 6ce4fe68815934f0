package parties

import (
	"time"

	"fenlu/disbursement/terms"
	"fenlu/internal/ident"
	"fenlu/money"
)

// PersonID is a person's number inside (人).
type PersonID int64

// HouseholdID is a household's number inside (户).
type HouseholdID int64

// UnitID is a unit's number inside (单位).
type UnitID int64

// AccountID is one version of a payee account (收款账户版本).
type AccountID int64

// Person is a person as of the current version (人员).
type Person struct {
	ID            PersonID
	Version       int
	Name          string // 姓名
	IDType        terms.IDType
	Masked        string // the ID number as it may be shown: 9913**********4021
	Blind         []byte // blind index of the ID number, for Deaths
	AreaCode      string // 12 digits, village
	Residence     terms.Residence
	TempUntil     time.Time // last day of a temporary identity; zero for others
	Birth         time.Time // 出生日期, out of a resident's number; zero for others
	Household     HouseholdID
	HouseholdCode string         // 户号; empty where the person is in no household
	Relation      terms.Relation // to the head of the household
}

// Township is the 12-digit code of the township the person lives in.
func (p Person) Township() string {
	area, _ := ident.CheckArea(p.AreaCode)
	return string(area.Of(ident.Township))
}

// Household is a household with its head (户).
type Household struct {
	ID   HouseholdID
	Code string   // 户号
	Head PersonID // 0 where it has none at the moment
}

// Unit is an institution, station, supplier or township as of the current
// version (单位).
type Unit struct {
	ID         UnitID
	Version    int
	CreditCode string // 统一社会信用代码, public
	Name       string
	Kind       terms.UnitKind
	AreaCode   string
}

// Account is a version of a payee account as it may be shown (收款账户).
type Account struct {
	ID         AccountID
	Owner      int64 // a PersonID or UnitID
	Version    int
	Kind       terms.AccountKind
	BankCode   string // 联行号, 12 digits
	BankName   string
	Holder     string // 户名
	Masked     string // the account number: 6229**********7302
	Blind      []byte // the same for the same account number: who else uses it
	VerifiedBy string // empty where nobody verified it
	VerifiedOn time.Time
	Class      string     // 账户类别: I, II, III; empty where nobody told
	Limit      money.Fen  // 单笔限额, fen; 0 where there is none or nobody told
	Activation Activation // 是否激活
}

// Activation says whether an account is activated (激活状态).
type Activation string

// The states of an account.
const (
	ActivationUnknown Activation = ""
	Activated         Activation = "yes"
	NotActivated      Activation = "no"
)

// Verified says whether somebody has verified the account (已核实).
func (a Account) Verified() bool { return a.VerifiedBy != "" && !a.VerifiedOn.IsZero() }

// PayTo is what a bank file says about where a payment goes, and whose account
// that is.
type PayTo struct {
	ID       AccountID
	Owner    int64
	Version  int          // of the owner, whose number IDNumber is
	IDNumber ident.Secret // of a unit its credit code
	Holder   string
	Account  ident.Secret
	BankCode string
	BankName string
}

// Death is a registered death (死亡登记).
type Death struct {
	DiedOn     time.Time
	Source     string
	ImportFile int64
}

// Area is a named area (区划).
type Area struct {
	Code  string // 12 digits
	Name  string
	Level string // province, prefecture, county, township, village
}

// Population is the registered residents of an area at a date (户籍人口).
type Population struct {
	AreaCode  string
	Name      string
	AsOf      time.Time
	Residents int64
	Source    string
}
