package record

import "strconv"

// Agree compares a stated count and sum, either of which may be missing, with
// what was found. A difference is an error that says both.
func Agree(at Position, level Level, statedCount, statedSum string, count int64, sum *Total) error {
	if statedCount != "" {
		n, err := strconv.ParseInt(statedCount, 10, 64)
		if err != nil {
			return at.Fault("BANKFILE_NUMBER", "value", Clip(statedCount))
		}
		if n != count {
			return at.Fault("BANKFILE_COUNT_MISMATCH", "level", string(level), "stated", n, "found", count)
		}
	}
	if statedSum != "" {
		a, ok := ParseAmount(statedSum)
		if !ok {
			return at.Fault("BANKFILE_AMOUNT", "amount", Clip(statedSum))
		}
		if !sum.Equals(a) {
			return at.Fault("BANKFILE_SUM_MISMATCH", "level", string(level), "stated", DecimalString(a.Decimal()), "found", sum.String())
		}
	}
	return nil
}
