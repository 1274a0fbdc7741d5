extension Channel {
    /// Nil for what lacks a member that it must have.
    init?(_ scanner: inout JSONScanner) {
        guard scanner.enter() else { return nil }
        var id: String?
        var name: String?
        var state: String?
        var protocolID: String?
        var caller: CallerID?
        var connected: CallerID?
        var dialplan: DialplanPosition?
        var accountcode: String?
        var language: String?
        var creationtime: String?
        var channelvars: [String: String]?
        var callerRdnis: String?
        var tenantid: String?
        while let key = scanner.nextKey() {
            switch key.text {
            case "id": id = scanner.string()
            case "name": name = scanner.string()
            case "state": state = scanner.string()
            case "protocol_id": protocolID = scanner.string()
            case "caller": caller = CallerID(&scanner)
            case "connected": connected = CallerID(&scanner)
            case "dialplan": dialplan = DialplanPosition(&scanner)
            case "accountcode": accountcode = scanner.string()
            case "language": language = scanner.string()
            case "creationtime": creationtime = scanner.string()
            case "channelvars": channelvars = scanner.dictionary()
            case "caller_rdnis": callerRdnis = scanner.string()
            case "tenantid": tenantid = scanner.string()
            default: scanner.skip()
            }
        }
        guard let id, let name, let state, let caller, let connected, let dialplan, let creationtime else { return nil }
        self.init(
            id: id,
            protocolID: protocolID,
            name: name,
            state: state,
            caller: caller,
            connected: connected,
            accountcode: accountcode,
            dialplan: dialplan,
            creationtime: creationtime,
            language: language,
            channelvars: channelvars,
            callerRdnis: callerRdnis,
            tenantid: tenantid
        )
    }
}

extension CallerID {
    init?(_ scanner: inout JSONScanner) {
        guard scanner.enter() else { return nil }
        var name: String?
        var number: String?
        while let key = scanner.nextKey() {
            switch key.text {
            case "name": name = scanner.string()
            case "number": number = scanner.string()
            default: scanner.skip()
            }
        }
        guard let name, let number else { return nil }
        self.init(name: name, number: number)
    }
}

extension DialplanPosition {
    init?(_ scanner: inout JSONScanner) {
        guard scanner.enter() else { return nil }
        var context: String?
        var exten: String?
        var priority: Int?
        var appName: String?
        var appData: String?
        while let key = scanner.nextKey() {
            switch key.text {
            case "context": context = scanner.string()
            case "exten": exten = scanner.string()
            case "priority": priority = scanner.integer()
            case "app_name": appName = scanner.string()
            case "app_data": appData = scanner.string()
            default: scanner.skip()
            }
        }
        guard let context, let exten, let priority else { return nil }
        self.init(context: context, exten: exten, priority: priority, appName: appName, appData: appData)
    }
}
