package operate

import (
	"context"

	"github.com/spf13/cobra"
)

const noNotify = "there is nowhere to send it: at home, NOTIFY_URL says where alerts go; in a cloud they are the provider's (alert_email in terraform/README.md)"

// notify is about the messages that alerts are.
func (c *commands) notify() *cobra.Command {
	test := &cobra.Command{
		Use: "test", Short: "Send a message for trial to where alerts go", Args: asUsage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			send, err := c.openNotify()
			if err != nil {
				return err
			}
			if err := send(cmd.Context()); err != nil {
				return err
			}
			return c.done(map[string]bool{"sent": true}, "Sent. If it does not arrive, look into the spam of that mailbox, or at the rights of that bot.")
		},
	}
	return group("notify", "Messages to whoever runs this copy", test)
}

func (c *commands) openNotify() (func(context.Context) error, error) {
	if c.Notify == nil {
		return nil, usage(noNotify)
	}
	send, err := c.Notify()
	if err == nil && send == nil {
		err = usage(noNotify)
	}
	return send, err
}
