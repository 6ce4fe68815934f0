// Package layout reads and writes text files laid out in lines (代发文件,
// 回盘文件): cn.daifa.gbk and cn.daifa.result as docs/formats/cn-daifa.md
// publishes them.
package layout
