package money_test

import (
	"fmt"

	"fenlu/money"
)

func Example() {
	base, err := money.Parse("63,200,000.00")
	if err != nil {
		fmt.Println(err)
		return
	}
	rate, err := money.ParseRate("5%")
	if err != nil {
		fmt.Println(err)
		return
	}
	floor, err := rate.Of(base, money.Up)
	fmt.Println(floor.Grouped(), err)
	// Output: 3,160,000.00 <nil>
}

// A standard of 5,420 yuan a year does not divide by twelve; paid by the
// cumulative method it is whole after December.
func ExampleAnnualMonth() {
	var year money.Fen
	for month := 1; month <= 12; month++ {
		paid := money.AnnualMonth(542000, month)
		year += paid
		if month <= 4 {
			fmt.Println(month, paid)
		}
	}
	fmt.Println("year", year)
	// Output:
	// 1 451.67
	// 2 451.66
	// 3 451.67
	// 4 451.67
	// year 5420.00
}

// An amount of 100.00 shared by three layers: nothing is lost, and the fen
// left over goes to the first of equals.
func ExampleShare() {
	shares, err := money.Share(10000, []int64{1, 1, 1})
	fmt.Println(shares, err)
	// Output: [33.34 33.33 33.33] <nil>
}

func ExampleExact() {
	third, err := money.NewRate(1, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	// A third of a wage of 1,700.00 for a month, taken for seven months and
	// rounded once at the end.
	sum, err := money.ExactOf(170000).Times(third).TimesInt(7).Round(money.HalfUp)
	fmt.Println(sum, err)
	// Output: 3966.67 <nil>
}
