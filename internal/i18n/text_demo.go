package i18n

var textDemo = Texts{}
