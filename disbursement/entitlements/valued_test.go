package entitlements_test

import (
	"slices"
	"testing"
	"time"

	"fenlu/disbursement/entitlements"
	"fenlu/disbursement/parties"
	"fenlu/internal/clock"
	"fenlu/internal/ident"
	"fenlu/internal/pgtest"
	"fenlu/internal/vault"
)

const valuedHead = "登记编号,形式,名目,资金来源,受助对象,证件号码,日期,内容,数量,折价金额,依据文件"

// TestValued: aid in kind and service, lottery programs and an institution's quota are
// on record with their value, once, under a leaf, and move no money (money-rules B16,
// B17, B18).
func TestValued(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	keys, err := vault.Create(t.TempDir() + "/keys")
	if err != nil {
		t.Fatal(err)
	}
	c := clock.NewManual(time.Date(2026, 10, 9, 9, 0, 0, 0, clock.Shanghai))
	p := parties.New(d, keys, c, nil)
	first := "12991301000000001"
	credit := first + string(ident.CreditCheck(first))
	people := "类型,户号,与户主关系,姓名,证件类型,证件号码,区划代码,地址类别,单位类别"
	if _, err := p.ImportPeople(t.Context(), file(t, people, "个人,H1,户主,柳一,居民身份证,"+number(1)+",991301103002,农村,",
		"单位,,,青禾县中心敬老院,统一社会信用代码,"+credit+",991301100001,,供养机构"), "admin"); err != nil {
		t.Fatal(err, problems(t, err))
	}
	s := entitlements.New(d, p, c)
	rows := []string{"Z1,实物,冬春救助,省,柳一," + number(1) + ",2026-01-09,棉被,2,300.00,民发〔2026〕4号",
		"Z2,服务,福彩圆梦孤儿助学工程,福彩,柳一," + number(1) + ",2026-03-01,助学,1,10000.00,民发〔2026〕5号",
		"Z3,综合定额,供养机构运转,县,敬老院," + credit + ",2026-07-01,上半年,1,60000.00,县民发〔2026〕6号"}
	r, err := s.ImportValued(t.Context(), file(t, valuedHead, rows...), "admin")
	if err != nil || r.New != 3 {
		t.Fatal(r, err, problems(t, err))
	}
	if r, err = s.ImportValued(t.Context(), file(t, valuedHead, append(rows[:1:1], "Z4,实物,冬春救助,捐赠,柳一,"+number(1)+",2026-01-10,米,1,80.00,民发〔2026〕4号")...), "admin"); err != nil || r.New != 1 || r.Same != 1 {
		t.Error(r, err, problems(t, err))
	}
	_, err = s.ImportValued(t.Context(), file(t, valuedHead, "Z1,实物,冬春救助,省,柳一,"+number(1)+",2026-01-09,棉被,3,450.00,民发〔2026〕4号",
		"Z5,综合定额,运转,县,柳一,"+number(1)+",2026-07-01,上半年,1,1.00,x", "Z6,实物,冬春,省,谁,"+number(2)+",2026-07-01,米,0,1.00,x",
		"Z7,现金,冬春,银行,柳一,"+number(1)+",2026-07-01,米,1,1.00,x"), "admin")
	want := []string{"ENTITLE_DIFFERS", "PARTIES_WORD", "PARTIES_WORD", "VALUED_NOBODY", "VALUED_POSITIVE", "VALUED_QUOTA"}
	got := problems(t, err)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	list, err := s.ValuedIn(t.Context(), d.Pool(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	if err != nil || len(list) != 3 || list[0].Name != "柳一" || list[0].Masked != ident.Mask(number(1)) || list[2].Source != "lottery" {
		t.Errorf("%+v, %v", list, err)
	}
	var journals int
	if err := d.Pool().QueryRow(t.Context(), `SELECT count(*) FROM journal`).Scan(&journals); err != nil || journals != 0 {
		t.Errorf("%d journals, %v", journals, err)
	}
	if found, err := entitlements.Verify(t.Context(), d.Pool()); err != nil || len(found) != 0 {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := env.Owner(t).Exec(t.Context(), `UPDATE valued_aid SET value_fen = value_fen - 1 WHERE number = 'Z2'`); err != nil {
		t.Fatal(err)
	}
	if found, err := entitlements.Verify(t.Context(), d.Pool()); err != nil || len(found) != 1 || found[0].Check != "valued_leaf" {
		t.Errorf("an altered record: %+v, %v", found, err)
	}
}
