import API
import ArgumentParser
import Client
import Core
import Foundation
import Release

struct Plan: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Show what applying a manifest would do, without doing it.",
        discussion: """
            Resolves the model once, to digests, and says what would be added, changed and removed, whether both versions fit \
            into memory, what is asked of the gateway, and how long a verdict takes at the traffic of the last seven days. The \
            hash stands for all of this: 'grayling apply --plan HASH' carries out just that, or refuses.

              apiVersion: serving/v1
              kind: Endpoint
              metadata: {name: chat}
              spec:
                model: {name: acme/whale, version: "1.1.0"}
                runtime:
                  command: [./serve, "${model.path}", --port, "${port}"]
                  resources: {memory: 2Gi}
              release:
                steps:
                  - {weight: 0.05, minObserved: 2m}
                  - {weight: 0.50, minObserved: 10m}

              grayling plan -f deploy.yaml
              grayling plan -f deploy.yaml --lock      (the lock's canonical JSON alone)
              grayling plan --show sha256:9d1e…        (a plan that was made before)

            Exit status 1 where the manifest has a mistake, or the two versions do not fit.
            """)

    @OptionGroup var manifest: ManifestOptions

    @Flag(name: .long, help: "Print the lock that the plan would release, and nothing else.")
    var lock = false

    @Option(name: .long, help: ArgumentHelp("Show a plan made before instead.", valueName: "hash"))
    var show: String?

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let bytes: [UInt8]
        if let show {
            bytes = try await connection.session().bytes(.showPlan, [try Digest(parsing: show).description])
        } else {
            let read = try manifest.read()
            bytes = try await connection.session().plan(read.bytes, endpoint: read.manifest.spec.name)
        }
        let plan = try JSON.decode(PlanInfo.self, from: Data(bytes))
        if lock { return Terminal.json(Array(plan.lockText.utf8)) }
        if output.json { Terminal.json(bytes) } else { PlanText(plan).show(quiet: output.quiet) }
        guard plan.memory.fits else { throw ExitCode(1) }
    }
}
