package sample

import "strings"

// Names are invented from common parts. All characters can be written in GBK,
// which the banks' text files use; some (喆 堃 赟 翀) are beyond GB2312.
var (
	surnames = strings.Fields(`王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 高 罗 郑 梁 谢 宋 唐 许 邓 冯 韩 曹
		曾 彭 萧 蔡 潘 田 董 袁 于 余 叶 蒋 杜 苏 魏 程 吕 丁 沈 任 姚 卢 傅 钟 姜 崔 谭 廖 范 汪 陆 金 石 戴 贾 韦 夏 邱 方 侯
		邹 熊 孟 秦 白 江 阎 薛 尹 段 雷 黎 史 龙 陶 贺 顾 毛 郝 龚 邵 万 钱 严 覃 武 戚 莫 孔 向 汤 常 欧阳 上官 诸葛 司马 令狐`)
	maleOld     = []rune("国建志明德福贵荣长有春永光华生根发祥金海云树清昌正文武成兴山林松柏")
	femaleOld   = []rune("秀桂英玉兰芳凤珍菊香莲翠淑梅春菊素琼美月娥银花云霞")
	maleYoung   = []rune("浩宇轩俊杰博文涛鹏磊伟强勇军超辉斌子豪航泽睿哲喆堃赟翀昊晨")
	femaleYoung = []rune("欣怡雨婷思佳琪梦洁雪丽娜静敏慧颖晓燕倩琳莉蕊萱珺玥彤涵")
	uyghurMale  = strings.Fields(`阿卜杜热合曼 买买提 艾力 吐尔逊 玉素甫 库尔班 艾合买提 依明`)
	uyghurWoman = strings.Fields(`迪丽努尔 阿依古丽 热依汗 古丽娜尔 帕提古丽 米热古丽 阿孜古丽`)
	tibetan     = strings.Fields(`扎西 卓玛 才让 多吉 拉姆 央金 达瓦 格桑 平措 旺姆 仁青 白玛`)
	yiClans     = strings.Fields(`吉克 阿苦 沙马 曲比 阿尔 吉木`)
	yiNames     = strings.Fields(`阿呷 木呷 拉且 伍呷 石布 子古 阿牛 么惹`)
)

// name makes a name; about one in forty is of a people with longer names.
func (c *County) name(male bool, age int) string {
	switch c.dice.below(120) {
	case 0:
		return c.uyghur(male)
	case 1:
		return pick(c.dice, tibetan) + pick(c.dice, tibetan)
	case 2:
		return pick(c.dice, yiClans) + pick(c.dice, yiNames)
	}
	return c.surname() + c.given(male, age)
}

func (c *County) uyghur(male bool) string {
	if male {
		return pick(c.dice, uyghurMale) + "·" + pick(c.dice, uyghurMale)
	}
	return pick(c.dice, uyghurWoman) + "·" + pick(c.dice, uyghurMale)
}

// surname prefers the front of the list, as the real ones do.
func (c *County) surname() string {
	return surnames[min(c.dice.below(len(surnames)), c.dice.below(len(surnames)))]
}

func (c *County) given(male bool, age int) string {
	pool := femaleOld
	switch {
	case male && age >= 45:
		pool = maleOld
	case male:
		pool = maleYoung
	case age < 45:
		pool = femaleYoung
	}
	if c.dice.percent(18) {
		return string(pick(c.dice, pool))
	}
	return string([]rune{pick(c.dice, pool), pick(c.dice, pool)})
}
