// Reads the files of deploy/ with the libraries that will read them for real, and prints what they understood as JSON:
//
//	manifest-reader compose [--profile P]… FILE…   loads Compose files as Docker Compose does
//	manifest-reader kustomize DIR                  builds an overlay as kustomize does: a list of manifests. Those of the
//	                                               Prometheus Operator are parsed strictly as its own types.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) >= 2 && args[0] == "compose":
		return compose(args[1:])
	case len(args) == 2 && args[0] == "kustomize":
		return kustomize(args[1])
	}
	return errors.New("usage: manifest-reader compose [--profile P]… FILE… | manifest-reader kustomize DIR")
}

func compose(args []string) error {
	var profiles []string
	for len(args) >= 2 && args[0] == "--profile" {
		profiles = append(profiles, args[1])
		args = args[2:]
	}
	options, err := cli.NewProjectOptions(args, cli.WithOsEnv, cli.WithProfiles(profiles), cli.WithConsistency(true))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	text, err := project.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}

func kustomize(dir string) error {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return err
	}
	manifests := []json.RawMessage{}
	for _, resource := range built.Resources() {
		text, err := resource.MarshalJSON()
		if err != nil {
			return err
		}
		if resource.GetKind() == "ServiceMonitor" {
			if err := yaml.UnmarshalStrict(text, &monitoring.ServiceMonitor{}); err != nil {
				return fmt.Errorf("ServiceMonitor %s: %w", resource.GetName(), err)
			}
		}
		manifests = append(manifests, text)
	}
	return json.NewEncoder(os.Stdout).Encode(manifests)
}
