package sample

import (
	"fmt"
	"time"
)

// The county, which does not exist.
const (
	CountyName = "青禾县"
	CountyCode = "991301000000"
	area6      = "991301"
	Office     = "青禾县民政局" // the office that pays
)

// Township is a township of the county (乡镇).
type Township struct {
	Code      string // twelve digits
	Name      string
	Letters   string // the first part of its household codes: LX
	Residents int    // registered residents (户籍人口)
	clerk     string // who verifies accounts there (核实人)
	villages  []int32
}

// Village is a village or urban community (村、社区).
type Village struct {
	Code     string // twelve digits
	Name     string
	Urban    bool
	Township int32 // position in County.Townships
	label    string
	serial   int32 // households numbered so far
}

// townships are the sixteen of the county; 412,600 residents, 14,280 of them
// in 麦川乡.
func townships() []Township {
	return []Township{
		{Name: "青禾镇", Letters: "QH", Residents: 68_420, clerk: "苏明远"},
		{Name: "柳溪镇", Letters: "LX", Residents: 31_260, clerk: "吴晓棠"},
		{Name: "云岭镇", Letters: "YL", Residents: 24_180, clerk: "杜青山"},
		{Name: "石桥镇", Letters: "SQ", Residents: 29_840, clerk: "谢云帆"},
		{Name: "白沙镇", Letters: "BS", Residents: 27_510, clerk: "沈知秋"},
		{Name: "龙泉镇", Letters: "LQ", Residents: 33_070, clerk: "龙海燕"},
		{Name: "大坪镇", Letters: "DP", Residents: 22_960, clerk: "袁立春"},
		{Name: "双河镇", Letters: "SH", Residents: 30_450, clerk: "韩雪松"},
		{Name: "枫林镇", Letters: "FL", Residents: 25_320, clerk: "叶红枫"},
		{Name: "金田镇", Letters: "JT", Residents: 28_190, clerk: "田秋实"},
		{Name: "麦川乡", Letters: "MC", Residents: 14_280, clerk: "程立夏"},
		{Name: "竹坝乡", Letters: "ZB", Residents: 13_640, clerk: "白映雪"},
		{Name: "松岗乡", Letters: "SG", Residents: 15_910, clerk: "常松年"},
		{Name: "清水乡", Letters: "QS", Residents: 16_730, clerk: "江清越"},
		{Name: "高岭乡", Letters: "GL", Residents: 11_250, clerk: "高远志"},
		{Name: "月湾乡", Letters: "YW", Residents: 19_590, clerk: "纪明月"},
	}
}

const (
	firstTown       = 100   // number of the first 镇 in its county
	firstRural      = 200   // of the first 乡
	firstVillage    = 200   // villages are numbered from here in their township
	residentsOfOne  = 1_500 // residents of a village, about
	villagesOfZone  = 6     // 片区
	townCommunities = 8     // urban communities of the county town
)

// settle makes the townships and their villages.
func (c *County) settle() {
	c.Townships = townships()
	for t := range c.Townships {
		town := &c.Townships[t]
		number := firstTown + t
		if r := []rune(town.Name); r[len(r)-1] == '乡' {
			number = firstRural + t - 10
		}
		town.Code = fmt.Sprintf("%s%03d000", area6, number)
		names := villageNames(t)
		for v := range town.Residents / residentsOfOne {
			town.villages = append(town.villages, at(len(c.Villages)))
			c.Villages = append(c.Villages, newVillage(town, t, v, names[v]))
		}
	}
	for i, v := range c.Villages {
		if v.Urban {
			c.urban = append(c.urban, at(i))
		} else {
			c.rural = append(c.rural, at(i))
		}
	}
}

func newVillage(town *Township, t, v int, name string) Village {
	urban := v == 0 || (t == 0 && v < townCommunities)
	number, suffix := firstVillage+v, "村"
	if urban {
		number, suffix = 1+v, "社区"
	}
	return Village{
		Code: fmt.Sprintf("%s%03d", town.Code[:9], number), Name: name + suffix, Urban: urban,
		Township: at(t), label: fmt.Sprintf("%s-%02d%02d", town.Letters, v/villagesOfZone+1, v%villagesOfZone+1),
	}
}

// villageNames are enough different names for the villages of one township;
// townships begin at different places of the same list, as in life.
func villageNames(t int) []string {
	front := []rune("东新下合半沙石上大高南北中前后金白红")
	back := []string{"门", "塘", "坝", "江", "山", "坪", "梁", "湾", "溪", "桥", "坡", "沟", "林", "田"}
	var out []string
	for i := range front {
		for j := range back {
			f := front[(i+j+t)%len(front)]
			out = append(out, string(f)+back[(j+3*t)%len(back)])
		}
	}
	return out
}

func (c *County) village(urban bool) int32 {
	if urban {
		return pick(c.dice, c.urban)
	}
	return pick(c.dice, c.rural)
}

// january is a day of January of the month's year.
func (c *County) january(day int) time.Time {
	return time.Date(c.first.Year(), time.January, day, 0, 0, 0, 0, time.UTC)
}

func date(t time.Time) string { return t.Format(time.DateOnly) }
