package simbank

import (
	"bytes"
	"strings"
)

// style is one way of doing business with a bank: the batch it takes, the result
// it gives, and the notice of refunds where it has one. The layouts follow
// docs/formats/profiles.md and the comments of the profiles named there.
type style struct {
	pay            layout
	result, refund layout
	// A file is of this style if it begins so, holds that in its first 512 bytes,
	// and its name ends so.
	begins, holds, ends string
	// read is for batches that are more than cells.
	read func(raw []byte, r *refusals) *order
	// says are its result codes.
	says vocabulary
}

// vocabulary is what a result says of a payment. Reasons with a code of their own are
// found by their 代发 code.
type vocabulary struct {
	paid, failed, unknown, partly string
	own                           map[string]string
}

const head512 = 512

// styleOf is the style that a file looks like; nil if none.
func styleOf(name string, raw []byte) *style {
	start := raw[:min(len(raw), head512)]
	for _, s := range styles() {
		if bytes.HasPrefix(raw, []byte(s.begins)) && bytes.Contains(start, []byte(s.holds)) && strings.HasSuffix(name, s.ends) {
			return &s
		}
	}
	return nil
}

// styleNamed is the style whose batches have that profile; nil if none.
func styleNamed(profile string) *style {
	for _, s := range styles() {
		if s.pay.profile == profile {
			return &s
		}
	}
	return nil
}

// readBatch reads a batch of this style.
func (s *style) readBatch(raw []byte, r *refusals) *order {
	if s.read != nil {
		return s.read(raw, r)
	}
	return s.readCells(raw, r)
}

// headless says whether the files of this style do not say what they are.
func (s *style) headless() bool { return s.read == nil && !s.pay.has("file") }

// styles lists all that the bank speaks; where several fit a file, the first.
func styles() []style {
	return []style{
		{pay: layout{profile: ProfileDaifa}, begins: "H|", read: readDaifa, result: daifaResult(), refund: noticeOfRefund(), says: daifaCodes()},
		abc(), pingan(), psbc(), baopan(), cmb(), icbc(), treasury(),
		{pay: layout{profile: ProfilePain001}, begins: "<", read: readPain001, result: layout{profile: ProfilePain002}},
	}
}

func daifaCodes() vocabulary {
	own := map[string]string{}
	for _, r := range failureReasons() {
		own[r.code] = r.code
	}
	return vocabulary{paid: "0000", unknown: "9001", partly: "9001", own: own}
}

// daifaResult is the 回盘文件 of docs/formats/cn-daifa.md, section 3.
func daifaResult() layout {
	return layout{
		profile: ProfileDaifaResult, form: delimited(), between: "|", end: "\r\n",
		head: cells("=R =1.0 file no count sum paid.count paid.sum failed.count failed.sum day"),
		each: cells("=L row id account amount code text"),
		tail: cells("=T count sum"),
	}
}

// noticeOfRefund (资金退回通知) is what banks send that have no notice of their own.
func noticeOfRefund() layout {
	return layout{
		profile: "notice.refund", form: workbook(), table: true, dashes: true, total: "合计",
		head: cells("notice@通知编号 debtor@付款账号 day@通知日期"),
		each: cells(`file@原支付凭证号 file@原批次号 row@原明细序号 name@收款人 account@收款人账号 -amount@退回金额
			day@退回日期 text@退回原因 ref@流水号`),
		tail: cells("count@退回笔数"),
	}
}

// abc takes fixed width without a head: file id and count are in the file's name,
// the account is agreed (Options.Account).
func abc() style {
	return style{
		ends: ".dat",
		pay:  layout{profile: "style.abc.pay", form: fixedWidth(), end: "\n", each: cells("name:60 account:30 amount:18 id:30")},
		result: layout{
			profile: "style.abc.result", form: delimited(), between: "|", end: "\n",
			each: cells("row code account name amount id text"),
		},
		refund: noticeOfRefund(),
		says:   vocabulary{paid: "S", failed: "E", unknown: "P", partly: "P"},
	}
}

func pingan() style {
	return style{
		holds: "|::|",
		pay: layout{
			profile: "style.pingan.pay", form: delimited(), between: "|::|", end: "\n",
			head: cells("file debtor date count sum"),
			each: cells("id account name:120 amount remark:60"),
		},
		result: layout{
			profile: "style.pingan.result", form: delimited(), between: "|::|", end: "\n",
			head: cells("file no day count sum paid.count paid.sum"),
			each: cells("id account name amount =0.00 code text"),
		},
		refund: noticeOfRefund(),
		says:   vocabulary{paid: "0000", failed: "1099", unknown: "9001", partly: "9001", own: daifaCodes().own},
	}
}

// psbc has codes of two digits, fen, and totals at the end.
func psbc() style {
	return style{
		begins: "01,",
		pay: layout{
			profile: "style.psbc.pay", form: delimited(), between: ",", end: "\r\n", fen: true, most: 10_000,
			head: cells("=01 file date debtor"),
			each: cells("=02 row account name:60 papers amount id"),
			tail: cells("=09 count sum"),
		},
		result: layout{
			profile: "style.psbc.result", form: delimited(), between: ",", end: "\r\n", fen: true,
			head: cells("=11 file day"),
			each: cells("=12 row account amount id code text"),
			tail: cells("=19 count sum paid.count paid.sum failed.count failed.sum open.count open.sum"),
		},
		refund: noticeOfRefund(),
		says: vocabulary{paid: "00", failed: "77", unknown: "50", partly: "50", own: map[string]string{
			"1001": "01", "1002": "02", "1003": "03", "1004": "04", "1005": "06", "1006": "07",
		}},
	}
}

// baopan is a workbook without a head or ids: the file's name is the batch, the
// remark the row.
func baopan() style {
	return style{
		begins: "PK\x03\x04",
		pay: layout{
			profile: "style.baopan.pay", form: workbook(), most: 2000, mostFen: 9_999_999_999,
			each: cells("name:60@姓名 account@卡号 amount@应处理金额 row:12@备注"),
		},
		result: layout{
			profile: "style.baopan.result", form: workbook(), table: true,
			each: cells("name@姓名 account@卡号 amount@应处理金额 row@备注 credited@实处理金额 code@处理标志 text@失败原因"),
		},
		refund: noticeOfRefund(),
		says:   vocabulary{paid: "成功", failed: "失败", unknown: "未处理", partly: "部分成功"},
	}
}

func cmb() style {
	return style{
		begins: "<", holds: "<FUNNAM>NTAGCAPY</FUNNAM>",
		pay: layout{
			profile: "style.cmb.pay", form: elements(), root: "CMBSDKPGK", row: "NTAGCDTLY", most: 3000,
			head: cells(`=NTAGCAPY@INFO/FUNNAM first@NTAGCAPYX/BEGTAG last@NTAGCAPYX/ENDTAG file:30@NTAGCAPYX/YURREF
				debtor:35@NTAGCAPYX/ACCNBR holder:62@NTAGCAPYX/ACCNAM whole.sum@NTAGCAPYX/TTLAMT whole.count@NTAGCAPYX/TTLCNT
				parts@NTAGCAPYX/TTLNUM part@NTAGCAPYX/CURNUM sum@NTAGCAPYX/CURAMT count@NTAGCAPYX/CURCNT date@NTAGCAPYX/EPTDAT`),
			each: cells("row:8@TRXSEQ account:35@ACCNBR name:62@ACCNAM amount@TRSAMT id:35@TRSDSP bank@RCVBNK"),
		},
		result: layout{
			profile: "style.cmb.result", form: elements(), root: "CMBSDKPGK", row: "NTAGCDTLY2",
			head: cells(`=NTAGDINF@INFO/FUNNAM =0@INFO/RETCOD =@INFO/ERRMSG file@NTAGCINQY/YURREF day@NTAGCINQY/OPRDAT
				count@NTAGCINQY/TRSNUM sum@NTAGCINQY/TOTAMT paid.count@NTAGCINQY/SUCNUM paid.sum@NTAGCINQY/SUCAMT`),
			each: cells("row@TRXSEQ account@ACCNBR name@ACCNAM amount@TRSAMT id@TRSDSP code@STSCOD why@ERRCOD text@ERRDSP"),
		},
		refund: layout{
			profile: "style.cmb.refund", form: elements(), root: "CMBSDKPGK", row: "NTAGDRFDZ",
			head: cells("=NTAGDRFD@INFO/FUNNAM =0@INFO/RETCOD debtor@NTAGDRFDX/ACCNBR day@NTAGDRFDX/BGNDAT"),
			each: cells("file@YURREF row@TRXSEQ account@ACCNBR name@ACCNAM amount@TRSAMT id@TRSDSP day@TRSDAT why@ERRCOD text@RTNTXT"),
		},
		says: vocabulary{paid: "S", failed: "E", unknown: "A", partly: "I"},
	}
}

func icbc() style {
	return style{
		begins: "<", holds: "<TransCode>PAYPER</TransCode>",
		pay: layout{
			profile: "style.icbc.pay", form: elements(), root: "CMS", row: "eb/in/rd", fen: true,
			head: cells(`=PAYPER@eb/pub/TransCode file@eb/pub/fSeqno date@eb/pub/TranDate count@eb/in/TotalNum sum@eb/in/TotalAmt
				debtor@eb/in/PayAccNo holder:120@eb/in/PayAccNameCN`),
			each: cells(`id@iSeqno row@ReimburseNo account@RecAccNo name:120@RecAccNameCN bank@RecBankCode amount@PayAmt
				=001@CurrType remark:40@UseCN`),
		},
		result: layout{
			profile: "style.icbc.result", form: elements(), root: "CMS", row: "eb/out/rd", fen: true,
			head: cells(`=QPAYPER@eb/pub/TransCode file@eb/pub/QryfSeqno day@eb/pub/TranDate =0@eb/pub/RetCode =@eb/pub/RetMsg
				=@eb/out/BatRetCode count@eb/out/TotalNum sum@eb/out/TotalAmt`),
			each: cells(`id@iSeqno account@RecAccNo name@RecAccNameCN amount@PayAmt code@Result why@instrRetCode
				text@instrRetMsg ref@OrderNo`),
		},
		refund: noticeOfRefund(),
		says:   vocabulary{paid: "7", failed: "6", unknown: "9", partly: "5"},
	}
}

func treasury() style {
	return style{
		begins: "<", holds: "<VtCode>5201</VtCode>",
		pay: layout{
			profile: "style.treasury.pay", form: elements(), root: "Voucher", row: "DetailList/Detail",
			head: cells("=5201@VtCode file@VoucherNo date@VouDate debtor@PayAcctNo holder@PayAcctName agent@PayAcctBankNo sum@PayAmt count@DetailCount"),
			each: cells(`id@Id row@SeqNo name@PayeeAcctName account@PayeeAcctNo bank@PayeeAcctBankNo papers@PayeeCardNo
				amount@PayAmt remark:200@Remark`),
		},
		result: layout{
			profile: "style.treasury.result", form: elements(), root: "Voucher", row: "DetailList/Detail",
			head: cells("=5201R@VtCode file@VoucherNo day@XPayDate sum@PayAmt credited.sum@XPayAmt"),
			each: cells(`id@Id row@SeqNo name@PayeeAcctName account@PayeeAcctNo amount@PayAmt credited@XPayAmt day@XPayDate
				ref@XAgentBusinessNo code@XState text@XAddWord`),
		},
		refund: layout{
			profile: "style.treasury.refund", form: elements(), root: "Voucher", row: "DetailList/Detail",
			head: cells("=2252@VtCode notice@VoucherNo debtor@PayAcctNo day@VouDate -sum@PayAmt"),
			each: cells(`file@OriVoucherNo file@OriBatchNo id@OriDetailId row@OriSeqNo name@PayeeAcctName account@PayeeAcctNo
				-amount@PayAmt day@XPayDate ref@XAgentBusinessNo text@XAddWord`),
		},
		says: vocabulary{paid: "1", failed: "2", unknown: "0", partly: "1"},
	}
}
