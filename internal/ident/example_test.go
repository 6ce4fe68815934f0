package ident_test

import (
	"fmt"
	"time"

	"fenlu/internal/ident"
)

func Example() {
	id := ident.Normalize(" １１０１０５１９４９１２３１００２ｘ")
	holder, found := ident.CheckResident(id, time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC))
	fmt.Println(ident.Secret(id), holder.Birth.Format(time.DateOnly), found.Refused())
	// Output: 1101**********002X 1949-12-31 false
}
