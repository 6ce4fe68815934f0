package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"

	"fenlu/internal/db"
)

// The channels inside the process. All events go through one, one after the
// other: what a handler sees first happened first.
const (
	channelEvents = "fenlu.events"
	channelPoison = "fenlu.events.refused"
)

// router is the watermill router with its in-process Pub/Sub, running.
type router struct {
	bus    *gochannel.GoChannel
	router *message.Router
	stop   context.CancelFunc
	ended  chan error
}

func startRouter(d *db.DB, o Options, handlers []Handler) (*router, error) {
	quiet := newLogger(o.Logger)
	bus := gochannel.NewGoChannel(gochannel.Config{BlockPublishUntilSubscriberAck: true, PreserveContext: true}, quiet)
	mr, err := message.NewRouter(message.RouterConfig{CloseTimeout: 10 * time.Second}, quiet)
	if err != nil {
		return nil, fmt.Errorf("events router: %w", err)
	}
	refuse, err := middleware.PoisonQueue(poison{}, channelPoison)
	if err != nil {
		return nil, fmt.Errorf("events router: %w", err)
	}
	// From the outside in: what still fails after the last try is refused; a
	// panic is an error like others, but is not tried again.
	mr.AddMiddleware(refuse, middleware.CorrelationID, o.retry(quiet).Middleware, middleware.Recoverer)
	for _, h := range handlers {
		mr.AddConsumerHandler(h.Name, channelEvents, bus, h.once(d))
	}
	return run(bus, mr)
}

func run(bus *gochannel.GoChannel, mr *message.Router) (*router, error) {
	ctx, stop := context.WithCancel(context.Background())
	r := &router{bus: bus, router: mr, stop: stop, ended: make(chan error, 1)}
	go func() { r.ended <- mr.Run(ctx) }()
	select {
	case <-mr.Running():
		return r, nil
	case err := <-r.ended:
		stop()
		return nil, errors.Join(fmt.Errorf("events router: %w", err), bus.Close())
	}
}

// deliver hands a message to every handler and returns when all are done with
// it.
func (r *router) deliver(ctx context.Context, p pending, handlers []Handler) error {
	rc := &receipt{}
	msg := encode(p)
	msg.SetContext(withReceipt(ctx, rc))
	if err := r.bus.Publish(channelEvents, msg); err != nil {
		return fmt.Errorf("events router: %w", err)
	}
	return rc.verdict(handlers)
}

// close ends the router and waits for its goroutines.
func (r *router) close() error {
	err := r.router.Close()
	r.stop()
	return errors.Join(err, <-r.ended, r.bus.Close())
}

// retry is the middleware that tries a failing handler again.
func (o Options) retry(log watermill.LoggerAdapter) middleware.Retry {
	return middleware.Retry{
		MaxRetries: o.Retries, InitialInterval: o.RetryWait, MaxInterval: 10 * o.RetryWait, Multiplier: 2,
		RandomizationFactor: 0.3, ResetContextOnRetry: true, Logger: log,
		ShouldRetry: func(p middleware.RetryParams) bool {
			_, panicked := errors.AsType[middleware.RecoveredPanicError](p.Err)
			return !panicked
		},
	}
}

// newLogger is the logger as watermill wants it. What is information to the
// router (a handler was added) is detail here.
func newLogger(log *slog.Logger) watermill.LoggerAdapter {
	return watermill.NewSlogLoggerWithLevelMapping(log, map[slog.Level]slog.Level{slog.LevelInfo: slog.LevelDebug})
}
