package reconciliation_test

import (
	"fmt"
	"strings"
	"testing"

	"fenlu/internal/errs"
	"fenlu/reconciliation"
)

// A result in another bank's layout is evidence like any other: paid, failed,
// and not known yet.
func TestImport_results_of_other_layouts(t *testing.T) {
	t.Parallel()
	for profile, text := range map[string]string{
		"style.psbc.result": "11,%[1]s,20261009\r\n12,1,6229,10000,%[2]s,00,\r\n12,2,6229,20000,%[3]s,03,\r\n12,3,6229,30000,%[4]s,50,\r\n" +
			"19,3,60000,1,10000,1,20000,1,30000\r\n",
		"style.icbc.result": `<?xml version="1.0" encoding="GBK"?><CMS><eb><pub><TransCode>QPAYPER</TransCode><QryfSeqno>%[1]s</QryfSeqno></pub><out>` +
			`<rd><iSeqno>%[2]s</iSeqno><PayAmt>10000</PayAmt><Result>7</Result></rd><rd><iSeqno>%[3]s</iSeqno><PayAmt>20000</PayAmt><Result>6</Result></rd>` +
			`<rd><iSeqno>%[4]s</iSeqno><PayAmt>30000</PayAmt><Result>9</Result></rd></out></eb></CMS>`,
	} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			f := d.seal(100_00, 200_00, 300_00)
			content := fmt.Sprintf(text, f.ref, f.ids[0], f.ids[1], f.ids[2])
			done, err := d.svc.Import(d.ctx, reconciliation.File{Name: "r", Profile: profile, Content: strings.NewReader(content)})
			if err != nil || done.Matched != 3 || done.Breaks != 0 || done.Kind != reconciliation.Result {
				t.Fatalf("%+v %v", done, err)
			}
			d.want(f, "paid 100.00/0.00", "failed", "unknown")
		})
	}
}

// A file of instructions in a bank's layout is none.
func TestImport_refuses_instructions_of_other_layouts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := d.seal(100_00)
	content := "01," + f.ref + ",20261009,9913\r\n02,1,6229,A,,10000," + f.ids[0] + "\r\n09,1,10000\r\n"
	_, err := d.svc.Import(d.ctx, reconciliation.File{Name: "r", Profile: "style.psbc.pay", Content: strings.NewReader(content)})
	if errs.CodeOf(err) != "RECON_NOT_EVIDENCE" {
		t.Error(err)
	}
}
