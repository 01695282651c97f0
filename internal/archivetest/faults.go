package archivetest

import "context"

// Faults makes a fake fail. Set it before the fake is used. Both hooks are
// called without a lock, so they may wait (inside a synctest bubble: in
// virtual time); op is the name of the port's method. A call whose context
// ends in a hook fails with the context's error.
type Faults struct {
	// Before returns the error of a call that has no effect.
	Before func(op string) error

	// After returns the error of a call that had its effect: a lost answer.
	After func(op string) error
}

func (f *Faults) before(ctx context.Context, op string) error { return strike(ctx, op, f.Before) }

func (f *Faults) after(ctx context.Context, op string) error { return strike(ctx, op, f.After) }

func strike(ctx context.Context, op string, hook func(op string) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if hook == nil {
		return nil
	}
	if err := hook(op); err != nil {
		return err
	}
	return ctx.Err()
}
