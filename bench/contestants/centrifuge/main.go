// A node of Centrifuge on Redis, to be measured: it delivers the messages of one channel to every client, or puts one
// message into that channel as another node would.
package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/centrifugal/centrifuge"
)

const (
	// Beyond what a run can make wait, as on the other contestants: a receiver that waits for a core is no slow client.
	clientQueueBytesMax = 64 * 1024 * 1024
	writeTimeout        = 30 * time.Second
)

func main() {
	redis := flag.String("redis", "", "`address` of Redis")
	prefix := flag.String("prefix", "", "`prefix` of this cluster's channels in Redis")
	channel := flag.String("channel", "", "`name` of the channel")
	publish := flag.Bool("publish", false, "publish what is on standard input, once")
	listen := flag.String("listen", "", "`address` for WebSockets; every client is subscribed to the channel")
	writeDelay := flag.Duration("write-delay", 0, "`time` for which messages to a client are collected into one write")
	flag.Parse()

	node, err := startNode(*redis, *prefix, *channel, *writeDelay)
	if err == nil && *publish {
		err = publishOnce(node, *channel)
	} else if err == nil {
		err = serve(node, *listen)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func startNode(redis, prefix, channel string, writeDelay time.Duration) (*centrifuge.Node, error) {
	node, err := centrifuge.New(centrifuge.Config{ClientQueueMaxSize: clientQueueBytesMax})
	if err != nil {
		return nil, err
	}
	shard, err := centrifuge.NewRedisShard(node, centrifuge.RedisShardConfig{Address: redis})
	if err != nil {
		return nil, err
	}
	shards := []*centrifuge.RedisShard{shard}
	broker, err := centrifuge.NewRedisBroker(node, centrifuge.RedisBrokerConfig{Shards: shards, Prefix: prefix})
	if err != nil {
		return nil, err
	}
	node.SetBroker(broker)
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		reply := centrifuge.ConnectReply{
			Credentials:   &centrifuge.Credentials{},
			Subscriptions: map[string]centrifuge.SubscribeOptions{channel: {}},
		}
		if writeDelay > 0 {
			reply.WriteDelay = writeDelay
			reply.WriteWithTimer = true
			reply.MaxMessagesInFrame = -1
		}
		return reply, nil
	})
	return node, node.Run()
}

func publishOnce(node *centrifuge.Node, channel string) error {
	payload, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	_, err = node.Publish(channel, payload)
	return errors.Join(err, node.Shutdown(context.Background()))
}

func serve(node *centrifuge.Node, listen string) error {
	clients := centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{WriteTimeout: writeTimeout})
	http.HandleFunc("/", func(writer http.ResponseWriter, request *http.Request) {
		// The receivers ask for Conclave's protocol, whatever they talk to.
		request.Header.Set("Sec-WebSocket-Protocol", "centrifuge-protobuf")
		clients.ServeHTTP(writer, request)
	})
	return http.ListenAndServe(listen, nil)
}
