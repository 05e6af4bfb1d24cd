// Prints what is to be sent from where: so many allocations as its argument says, or until it is stopped.
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

func main() {
	left := math.MaxInt
	if len(os.Args) > 1 {
		left = must(strconv.Atoi(os.Args[1]))
	}
	versions := must(versions("schemas/golden"))
	client := must(kgo.NewClient(append(must(reach("client.properties")),
		kgo.ConsumerGroup("wms"),
		kgo.ConsumeTopics("allocations"),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		// Where the group has no offset yet; what is there is not left out.
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)...))
	defer client.Close()
	for left > 0 {
		fetches := client.PollFetches(context.Background())
		fetches.EachError(func(topic string, partition int32, err error) {
			log.Printf("%s/%d: %v", topic, partition, err)
		})
		for _, message := range fetches.Records() {
			// C3 01 and the fingerprint of its writer's schema. The topic carries OrderBackordered and AllocationReleased
			// too: each is decoded in the same way.
			schema, known := versions[string(message.Value[:10])]
			if !known || left == 0 {
				continue
			}
			var order struct {
				Parts []map[string]any `avro:"parts"`
			}
			check(avro.Unmarshal(schema, message.Value[10:], &order))
			fmt.Printf("%s %s\n", message.Key, must(json.Marshal(order.Parts)))
			left--
		}
	}
}

// versions are the schemas of OrderAllocated by what a message of theirs begins with. What an older Penstock wrote, and stands in the
// log, is read by its own: a field that it does not have stays empty.
func versions(folder string) (map[string]avro.Schema, error) {
	files, err := filepath.Glob(filepath.Join(folder, "OrderAllocated.v*.avsc"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no schemas in %s: run it from Penstock's folder (%v)", folder, err)
	}
	parsed := func(file string) (avro.Schema, error) {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		return avro.ParseBytesWithCache(text, "", &avro.SchemaCache{})
	}
	found := map[string]avro.Schema{}
	for _, file := range files {
		writer, err := parsed(file)
		if err != nil {
			return nil, err
		}
		fingerprint, err := writer.FingerprintUsing(avro.CRC64AvroLE)
		if err != nil {
			return nil, err
		}
		found["\xc3\x01"+string(fingerprint)] = writer
	}
	return found, nil
}

// reach is what `penstock kafka properties` has printed, as franz-go names it.
func reach(file string) ([]kgo.Opt, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	given := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		name, value, _ := strings.Cut(line, "=")
		given[name] = value
	}
	options := []kgo.Opt{kgo.SeedBrokers(strings.Split(given["bootstrap.servers"], ",")...)}
	if strings.HasSuffix(strings.ToUpper(given["security.protocol"]), "SSL") {
		options = append(options, kgo.DialTLSConfig(new(tls.Config)))
	}
	user, password := given["sasl.username"], given["sasl.password"]
	switch mechanism := given["sasl.mechanism"] + given["sasl.mechanisms"]; mechanism {
	case "":
	case "PLAIN":
		options = append(options, kgo.SASL(plain.Auth{User: user, Pass: password}.AsMechanism()))
	case "SCRAM-SHA-256":
		options = append(options, kgo.SASL(scram.Auth{User: user, Pass: password}.AsSha256Mechanism()))
	case "SCRAM-SHA-512":
		options = append(options, kgo.SASL(scram.Auth{User: user, Pass: password}.AsSha512Mechanism()))
	default:
		return nil, fmt.Errorf("sasl.mechanism is %s: give kgo.SASL what it needs", mechanism)
	}
	return options, nil
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
