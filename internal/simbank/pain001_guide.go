package simbank

// The guide of pain.001.001.09: the elements this bank takes, in schema order.

// one, opt and many say how often an element stands.
func one(e *element) *element  { e.min, e.max = 1, 1; return e }
func opt(e *element) *element  { e.min, e.max = 0, 1; return e }
func many(e *element) *element { e.min, e.max = 1, 0; return e }

func group(name string, kids ...*element) *element { return &element{name: name, kids: kids} }

func choice(name string, kids ...*element) *element {
	return &element{name: name, kids: kids, oneOf: true}
}

func leaf(name string, text func(d *draft, value string, at int)) *element {
	return &element{name: name, text: text}
}

func codeOrText(name string) *element {
	return choice(name, opt(leaf("Cd", nil)), opt(leaf("Prtry", nil)))
}

func pain001Guide() *element {
	return one(group("Document", one(group("CstmrCdtTrfInitn", one(groupHeader()), one(paymentInfo())))))
}

func groupHeader() *element {
	return group("GrpHdr",
		one(leaf("MsgId", func(d *draft, v string, _ int) { d.order.fileID = v })),
		one(leaf("CreDtTm", func(d *draft, v string, at int) { d.created(v, at) })),
		one(leaf("NbOfTxs", func(d *draft, v string, at int) { d.count(&d.groupCount, v, at) })),
		one(leaf("CtrlSum", func(d *draft, v string, at int) { d.amount(&d.groupSum, v, at) })),
		one(party("InitgPty", nil)),
	)
}

func paymentInfo() *element {
	return group("PmtInf",
		one(leaf("PmtInfId", func(d *draft, v string, at int) {
			if !isID(v) {
				d.bad.add(at, refuseFormat, "PmtInfId须为1至35位字母、数字或连字符")
			}
			d.order.pmtInfID = v
		})),
		one(leaf("PmtMtd", fixed("PmtMtd", "TRF"))),
		opt(leaf("BtchBookg", nil)),
		one(leaf("NbOfTxs", func(d *draft, v string, at int) { d.count(&d.order.count, v, at) })),
		one(leaf("CtrlSum", func(d *draft, v string, at int) { d.amount(&d.order.sum, v, at) })),
		opt(paymentType()),
		one(choice("ReqdExctnDt",
			opt(leaf("Dt", func(d *draft, v string, at int) { d.day(&d.order.requested, v, at) })),
			opt(leaf("DtTm", func(d *draft, v string, at int) { d.day(&d.order.requested, v, at) })),
		)),
		one(party("Dbtr", func(d *draft, v string, _ int) { d.order.debtor = v })),
		one(account("DbtrAcct", func(d *draft, v string, _ int) { d.order.account = v })),
		one(agent("DbtrAgt", func(d *draft, v string, at int) {
			if !isBankCode(v) {
				d.bad.add(at, refuseFormat, "付款行联行号须为12位数字")
			}
		})),
		opt(leaf("ChrgBr", nil)),
		many(transfer()),
	)
}

func transfer() *element {
	amount := leaf("InstdAmt", func(d *draft, v string, at int) { d.amount(&d.last().amount, v, at) })
	amount.attr, amount.attrText = "Ccy", fixed("币种", currencyLabel)
	t := group("CdtTrfTxInf",
		one(group("PmtId",
			one(leaf("InstrId", func(d *draft, v string, _ int) { d.instrID = v })),
			one(leaf("EndToEndId", func(d *draft, v string, at int) { d.endToEnd(v, at) })),
		)),
		opt(paymentType()),
		one(group("Amt", one(amount))),
		opt(leaf("ChrgBr", nil)),
		opt(agent("CdtrAgt", func(d *draft, v string, _ int) { d.last().bankCode = v })),
		one(party("Cdtr", func(d *draft, v string, _ int) { d.last().name = v })),
		one(account("CdtrAcct", func(d *draft, v string, _ int) { d.last().account = v })),
		opt(codeOrText("Purp")),
		opt(group("RmtInf", one(leaf("Ustrd", remark)))),
	)
	t.begin = func(d *draft, at int) { d.begin(at) }
	return t
}

func paymentType() *element {
	return group("PmtTpInf",
		opt(leaf("InstrPrty", nil)), opt(codeOrText("SvcLvl")),
		opt(codeOrText("LclInstrm")), opt(codeOrText("CtgyPurp")),
	)
}

// party takes a name and, where given, an identification by number.
func party(name string, take func(*draft, string, int)) *element {
	other := func() *element {
		return group("Othr", one(leaf("Id", nil)), opt(codeOrText("SchmeNm")), opt(leaf("Issr", nil)))
	}
	return group(name,
		one(leaf("Nm", take)),
		opt(choice("Id", opt(group("OrgId", one(other()))), opt(group("PrvtId", one(other()))))),
		opt(leaf("CtryOfRes", nil)),
	)
}

func account(name string, take func(*draft, string, int)) *element {
	return group(name,
		one(group("Id", one(group("Othr",
			one(leaf("Id", take)), opt(codeOrText("SchmeNm")), opt(leaf("Issr", nil)))))),
		opt(codeOrText("Tp")),
		opt(leaf("Ccy", fixed("币种", currencyLabel))),
		opt(leaf("Nm", nil)),
	)
}

func agent(name string, take func(*draft, string, int)) *element {
	return group(name, one(group("FinInstnId",
		one(group("ClrSysMmbId",
			one(group("ClrSysId", one(leaf("Cd", fixed("清算系统代码", cnapsCode))))),
			one(leaf("MmbId", take)))),
		opt(leaf("Nm", nil)),
	)))
}
