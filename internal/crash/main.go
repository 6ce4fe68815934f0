package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	var o options
	flag.BoolVar(&o.list, "list", false, "print the names of the sites and kill nobody")
	flag.IntVar(&o.sample, "sample", 0, "hit this many sites, spread over the kinds; 0: all")
	flag.StringVar(&o.only, "only", "", "hit the sites whose name contains this")
	flag.BoolVar(&o.scripts, "scripts", false, "hit only the sites that the scripts of the command line add")
	flag.IntVar(&o.workers, "workers", 2, "months at a time")
	flag.IntVar(&o.payments, "payments", 30, "payments of a month")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "crash:", err)
		os.Exit(1)
	}
}

type options struct {
	list, scripts     bool
	sample            int
	only              string
	workers, payments int
}

func run(ctx context.Context, out io.Writer, o options) error {
	began := time.Now()
	l, err := openLab(ctx, o.payments)
	if err != nil {
		return err
	}
	defer l.close()
	sites, err := l.record(ctx)
	if err != nil {
		return fmt.Errorf("the month fails without being killed: %w", err)
	}
	if sites = choose(sites, o); o.list || len(sites) == 0 {
		for _, s := range sites {
			_, _ = fmt.Fprintln(out, s)
		}
		return nil
	}
	t := &test{lab: l, out: out, workers: o.workers, hit: map[string]bool{}}
	_, _ = fmt.Fprintf(out, "crash: %d sites; a month that is left alone takes %.1f s\n", len(sites), l.alone.Seconds())
	switch {
	case o.scripts:
		for _, s := range sites {
			t.hit[s] = true // as if the months had
		}
		sites = t.scripts(ctx)
	case o.sample > 0 || o.only != "":
		t.some(ctx, sites)
	default:
		t.kill(ctx, without(sites, isLost))
		t.lose(ctx, only(sites, isLost))
		sites = append(sites, t.scripts(ctx)...)
	}
	return errors.Join(ctx.Err(), t.report(sites, time.Since(began)))
}

// isLost says whether a site is the answer to a COMMIT that is lost.
func isLost(site string) bool { return strings.HasSuffix(site, ":lost") }

func only(sites []string, is func(string) bool) []string {
	return without(sites, func(s string) bool { return !is(s) })
}

func without(sites []string, is func(string) bool) []string {
	var out []string
	for _, s := range sites {
		if !is(s) {
			out = append(out, s)
		}
	}
	return out
}

// choose takes what the options ask for.
func choose(sites []string, o options) []string {
	if o.only != "" {
		sites = only(sites, func(s string) bool { return strings.Contains(s, o.only) })
	}
	if o.sample > 0 {
		sites = sample(sites, o.sample)
	}
	return sites
}

// sample takes n sites, of each way to end (:before, :answered, :fsync …) as
// many as of the others, and of each from the first to the last of the month.
func sample(sites []string, n int) []string {
	byEnd, ends := map[string][]string{}, []string(nil)
	for _, s := range sites {
		end := s[strings.LastIndex(s, ":")+1:]
		if byEnd[end] == nil {
			ends = append(ends, end)
		}
		byEnd[end] = append(byEnd[end], s)
	}
	chosen := map[string]bool{}
	for turn := 0; len(chosen) < min(n, len(sites)); turn++ {
		end := ends[turn%len(ends)]
		if left := without(byEnd[end], func(s string) bool { return chosen[s] }); len(left) > 0 {
			chosen[left[turn*len(left)/n%len(left)]] = true
		}
	}
	return only(sites, func(s string) bool { return chosen[s] })
}
