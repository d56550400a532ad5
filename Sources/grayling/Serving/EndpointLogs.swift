import API
import ArgumentParser
import Client
import Core

struct EndpointLogs: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Show the end of what an endpoint's model servers wrote.",
        discussion: """
            The server keeps the last part only. For those who may write the model: what model servers write may quote their users.

              grayling endpoint logs chat
              grayling endpoint logs chat --backend 7f3a --slot 0 --bytes 200000
            """)

    @Argument(help: "The endpoint.")
    var name: String

    @Option(name: .long, help: ArgumentHelp("Only the backend whose id begins so.", valueName: "id"))
    var backend: String?

    @Option(name: .long, help: "Only this replica.")
    var slot: Int?

    @Option(name: .long, help: "At most so many bytes of each, to 1048576.")
    var bytes: Int = 16_384

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func validate() throws {
        guard (1...1_048_576).contains(bytes) else { throw ValidationError("--bytes must be 1 to 1048576") }
    }

    private struct Answer: Encodable {
        let backend: String
        let slot: Int
        let log: String
    }

    func run() async throws {
        let name = try EndpointName(parsing: name).text
        let session = try connection.session()
        let replicas: [ReplicaInfo] = try await session.all(.listReplicas, query: [("endpoint", name)])
        let wanted = replicas.filter { (backend.map($0.backend.hasPrefix) ?? true) && (slot == nil || slot == $0.slot) }
        guard !wanted.isEmpty else {
            throw HubError(.unknownServing, "no model server of '\(name)' runs now that fits; 'grayling endpoint show \(name)' lists them")
        }
        for replica in wanted {
            let log = try await session.bytes(.showReplicaLog, [replica.backend, "\(replica.slot)"], query: [("bytes", "\(bytes)")])
            let text = String(decoding: log, as: UTF8.self)
            if output.json {
                try Terminal.json(Answer(backend: replica.backend, slot: replica.slot, log: text))
                continue
            }
            if !output.quiet { Terminal.note("== \(replica.backend.prefix(12)) slot \(replica.slot), \(replica.state)") }
            Terminal.line(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        }
    }
}
