import ArgumentParser
import Core
import Foundation
import Server

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server on one data folder.",
        discussion: """
            The folder is made on the first start, and its first token is printed once. Each setting can be a flag, a \
            variable or a line of a YAML file, in this order: --listen, GRAYLING_LISTEN, listen: 127.0.0.1:7070. \
            --print-config shows what would be used, and where each value comes from.

              grayling serve
              grayling serve --data /srv/grayling --listen 0.0.0.0:7070 --log-format json
              grayling serve --gateway 0.0.0.0:7080 --machine-memory 48Gi
              grayling serve --gateway off

            The gateway is where users' requests to models arrive; it has an address of its own, and keeps the last \
            route whatever happens to the rest. SIGTERM or SIGINT stops the server: running transfers and answers are \
            finished first, within --shutdown-seconds. Model servers end with it, or stay and are taken over by the \
            next start with --keep-replicas true.
            """)

    @Option(name: .long, help: ArgumentHelp("The data folder (default Storage).", valueName: "folder"))
    var data: String?

    @Option(name: .long, help: ArgumentHelp("Where to listen (default 127.0.0.1:7070); port 0 takes any that is free.", valueName: "host:port"))
    var listen: String?

    @Option(name: .long, help: ArgumentHelp("A YAML file with settings (or GRAYLING_CONFIG).", valueName: "file"))
    var config: String?

    @Option(name: .long, help: ArgumentHelp("plain or json (default plain), on standard error.", valueName: "format"))
    var logFormat: String?

    @Option(name: .long, help: ArgumentHelp("trace, debug, info, notice, warning, error or critical (default info).", valueName: "level"))
    var logLevel: String?

    @Option(name: .long, help: ArgumentHelp("How long running transfers may take when stopping (default 30).", valueName: "seconds"))
    var shutdownSeconds: String?

    @Option(name: .long, help: ArgumentHelp("Write the server's address into this file once it is ready.", valueName: "file"))
    var addressFile: String?

    @Option(name: .long, help: ArgumentHelp("Event loops (default 0: one for each core).", valueName: "count"))
    var loops: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where requests to models are taken (default 127.0.0.1:7080); port 0 takes any that is free, off none.", valueName: "host:port"))
    var gateway: String?

    @Option(name: .long, help: ArgumentHelp("Write the gateway's address into this file once it is ready.", valueName: "file"))
    var gatewayAddressFile: String?

    @Option(
        name: .long, help: ArgumentHelp("true: model servers outlive this server and are taken over by the next (default false).", valueName: "flag"))
    var keepReplicas: String?

    @Option(name: .long, help: ArgumentHelp("More folders that a model server may write in, with ':' between them.", valueName: "folders"))
    var fleetWritable: String?

    @Option(
        name: .long,
        help: ArgumentHelp("What model servers may have together, such as 48Gi (default: the machine's memory).", valueName: "bytes"))
    var machineMemory: String?

    @Flag(name: .long, help: "Print all settings with their sources, and stop.")
    var printConfig = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let given: [String: String?] = [
            "data": data, "listen": listen, "log_format": logFormat, "log_level": logLevel, "shutdown_seconds": shutdownSeconds,
            "address_file": addressFile, "loops": loops, "gateway": gateway, "gateway_address_file": gatewayAddressFile,
            "keep_replicas": keepReplicas, "fleet_writable": fleetWritable, "machine_memory": machineMemory
        ]
        let fileName = config ?? environment["GRAYLING_CONFIG"]
        let settings = try ServerSettings(
            flags: given.compactMapValues { $0 }, environment: environment, file: fileName.map { try SettingsFile.read($0) } ?? [:],
            fileName: fileName ?? "")
        if printConfig { return Terminal.line(String(settings.description.dropLast())) }
        try await GraylingServer(settings).run()
    }
}
